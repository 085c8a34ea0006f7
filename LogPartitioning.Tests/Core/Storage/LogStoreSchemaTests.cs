using System.Diagnostics;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Core.Storage;

[Collection(PostgresTests.Name)]
public sealed class LogStoreSchemaTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>The script that made the tables before there were migrations.</summary>
    private static readonly string s_before = RepositoryFiles.Read("LogPartitioning.Tests/Core/Storage/before-migrations.sql");

    private readonly LogLines _log = new();
    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync() => _database = await server.CreateEmptyDatabaseAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresFact]
    public async Task A_database_from_before_migrations_ends_as_an_empty_one_does_and_keeps_its_rows()
    {
        await using var empty = await server.CreateEmptyDatabaseAsync();
        await using var older = await server.CreateEmptyDatabaseAsync();
        await _database.ExecuteAsync(s_before);
        await FillAsync(_database);
        // As the version before that one had it: no logs, no halts.
        await older.ExecuteAsync(s_before);
        await older.ExecuteAsync(
            """
            ALTER TABLE log_events DROP COLUMN log;
            ALTER TABLE log_events ADD CONSTRAINT log_events_pkey PRIMARY KEY (partition, "offset");
            CREATE INDEX log_events_source_idx ON log_events (source, partition, "offset");
            ALTER TABLE consumer_offsets DROP COLUMN topic_id, DROP COLUMN log, DROP COLUMN halted, DROP COLUMN halted_detail, DROP COLUMN halted_at, DROP COLUMN passing_until;
            ALTER TABLE dead_letter_replays DROP COLUMN topic_id;
            ALTER TABLE dead_letter_replays ADD PRIMARY KEY (topic, partition, "offset");
            INSERT INTO log_events (id, partition, "offset", source, key, level, message, timestamp) VALUES (gen_random_uuid(), 0, 0, 's', 's', 2, 'old', now());
            """);
        var rows = await RowsAsync(_database);

        await Task.WhenAll(new[] { empty, _database, older }.Select(database => Schema(database).EnsureAsync(CancellationToken.None)));

        Assert.Equal(rows, await RowsAsync(_database));
        Assert.Equal(1, await older.CountAsync("SELECT count(*) FROM log_events WHERE log = 1 AND message = 'old'"));
        var schema = await CatalogAsync(empty);
        Assert.True(schema.Count > 80, $"the catalog has {schema.Count} entries");
        Assert.Equal(schema, await CatalogAsync(_database));
        Assert.Equal(schema, await CatalogAsync(older));
    }

    [PostgresFact]
    public async Task A_clean_start_takes_less_than_a_second()
    {
        // The fastest of a few: what else the machine does meanwhile is not the schema's doing.
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            await using var database = await server.CreateEmptyDatabaseAsync();
            await using (await database.OpenConnectionAsync())
            {
            }

            var watch = Stopwatch.StartNew();
            await Schema(database).EnsureAsync(CancellationToken.None);
            fastest = watch.Elapsed < fastest ? watch.Elapsed : fastest;
        }

        Assert.InRange(fastest, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [PostgresFact]
    public async Task Many_services_that_start_at_once_apply_each_migration_once_and_one_says_so()
    {
        Migration[] migrations = [.. Migration.All, Next(1, "CREATE TABLE extra (n integer)")];

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Schema(_database, migrations).EnsureAsync(CancellationToken.None)));

        Assert.Equal(migrations.Length, await _database.CountAsync("SELECT count(*) FROM schema_versions WHERE applied_at IS NOT NULL"));
        Assert.Equal(migrations.Length, _log.All.Count(line => line.StartsWith("Migration ", StringComparison.Ordinal)));
    }

    [PostgresFact]
    public async Task A_migration_that_fails_leaves_nothing_of_it()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);

        await Assert.ThrowsAsync<PostgresException>(() =>
            Schema(_database, [.. Migration.All, Next(1, "CREATE TABLE extra (n integer); SELECT 1 / 0")]).EnsureAsync(CancellationToken.None));

        Assert.Equal(0, await _database.CountAsync("SELECT count(*) FROM pg_class WHERE relname = 'extra'"));
        Assert.Equal(Migration.All.Count, await _database.CountAsync("SELECT count(*) FROM schema_versions"));
    }

    [PostgresFact]
    public async Task A_file_that_was_changed_after_it_was_applied_is_refused()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);
        var edited = Migration.All[0] with { };
        edited = new(edited.Version, edited.Name, edited.Text + "-- more\n", edited.CompatibleFrom, edited.InTransaction);

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Schema(_database, [edited, .. Migration.All.Skip(1)]).EnsureAsync(CancellationToken.None));

        Assert.Contains("0001_tables.sql was changed after it was applied", refused.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_newer_schema_is_refused_unless_it_says_that_this_version_may_go_on()
    {
        var known = Migration.All.Count;
        var (compatible, breaking) = (Next(1, "ALTER TABLE log_gaps ADD COLUMN note text"), Next(2, "ALTER TABLE log_gaps DROP COLUMN note", compatibleFrom: known + 2));
        await Schema(_database, [.. Migration.All, compatible]).EnsureAsync(CancellationToken.None);
        await Schema(_database).EnsureAsync(CancellationToken.None);
        Assert.Contains(_log.All, line => line.Contains($"works with programs from version 1 on; this one is of version {known}", StringComparison.Ordinal));

        await Schema(_database, [.. Migration.All, compatible, breaking]).EnsureAsync(CancellationToken.None);

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Schema(_database).EnsureAsync(CancellationToken.None));
        Assert.Contains($"works with programs of version {known + 2} and later; this one is of version {known}", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreRefusedException>(() => Schema(_database, [.. Migration.All, compatible]).EnsureAsync(CancellationToken.None));
    }

    [PostgresFact]
    public async Task A_schema_that_lacks_a_migration_before_its_newest_is_refused()
    {
        Migration[] migrations = [.. Migration.All, Next(1, "SELECT 1"), Next(2, "SELECT 1")];
        await Schema(_database, migrations).EnsureAsync(CancellationToken.None);
        await _database.ExecuteAsync($"DELETE FROM schema_versions WHERE version = {migrations.Length - 1}");

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Schema(_database, migrations).EnsureAsync(CancellationToken.None));

        Assert.Contains($"lacks version {migrations.Length - 1}", refused.Message, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task An_index_is_built_beside_the_writers_while_others_wait_for_their_turn()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);
        await FillAsync(_database);
        Migration[] migrations = [.. Migration.All, Next(1, "CREATE INDEX CONCURRENTLY later_idx ON log_gaps (cause)", inTransaction: false), Next(2, "SELECT 1")];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Schema(_database, migrations).EnsureAsync(CancellationToken.None))).WaitAsync(s_patience);

        Assert.Equal(1, await _database.CountAsync("SELECT count(*) FROM pg_index WHERE indexrelid = 'later_idx'::regclass AND indisvalid"));
        Assert.Equal(migrations.Length, await _database.CountAsync("SELECT count(*) FROM schema_versions WHERE applied_at IS NOT NULL"));
    }

    [PostgresFact]
    public async Task One_that_did_not_get_to_its_end_outside_of_a_transaction_is_found_and_told()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);
        await FillAsync(_database);
        var half = Next(1, "CREATE UNIQUE INDEX CONCURRENTLY later_idx ON log_gaps (cause)", inTransaction: false);
        var duplicates = await Assert.ThrowsAsync<PostgresException>(() => Schema(_database, [.. Migration.All, half]).EnsureAsync(CancellationToken.None));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, duplicates.SqlState);

        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Schema(_database, [.. Migration.All, half]).EnsureAsync(CancellationToken.None));

        Assert.Contains("did not get to its end", refused.Message, StringComparison.Ordinal);
        Assert.Contains(half.Name, refused.Message, StringComparison.Ordinal);

        // As the message says.
        await _database.ExecuteAsync($"DROP INDEX later_idx; DELETE FROM log_gaps; DELETE FROM schema_versions WHERE version = {half.Version}");
        await Schema(_database, [.. Migration.All, half]).EnsureAsync(CancellationToken.None);
    }

    [PostgresFact]
    public async Task A_start_behind_somebodys_lock_names_the_session_lets_writers_pass_and_goes_on()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);
        await using var other = await _database.OpenConnectionAsync();
        await using var held = await other.BeginTransactionAsync();
        await using (var read = new NpgsqlCommand("SELECT 'secret' FROM log_gaps", other, held))
        {
            await read.ExecuteNonQueryAsync();
        }

        var start = Schema(_database, [.. Migration.All, Next(1, "ALTER TABLE log_gaps ADD COLUMN note text")]).EnsureAsync(CancellationToken.None);
        await Eventually.TrueAsync("a line that names the session", () => _log.All.Any(line => line.Contains($"session {other.ProcessID} of postgres", StringComparison.Ordinal)), s_patience);

        // A writer is behind the ALTER TABLE for as long as that has patience, and no longer.
        await _database.ExecuteAsync("INSERT INTO log_gaps (group_id, topic, partition, log, from_offset, to_offset, cause) VALUES ('g', 't', 0, 1, 0, 1, 'deleted')").WaitAsync(s_patience);
        Assert.False(start.IsCompleted);
        await held.RollbackAsync();
        await start.WaitAsync(s_patience);

        Assert.Equal(1, await _database.CountAsync("SELECT count(note) + 1 FROM log_gaps"));
        Assert.EndsWith("SELECT ? FROM log_gaps", Assert.Single(_log.All, line => line.StartsWith("The start waits", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_look_at_a_table_that_somebody_has_locked_waits_and_says_so()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);
        await using var other = await _database.OpenConnectionAsync();
        await using var held = await other.BeginTransactionAsync();
        await using (var change = new NpgsqlCommand("ALTER TABLE schema_versions ADD COLUMN note text", other, held))
        {
            await change.ExecuteNonQueryAsync();
        }

        var start = Schema(_database).EnsureAsync(CancellationToken.None);
        await Eventually.TrueAsync("a line that names the session", () => _log.All.Any(line => line.Contains("ALTER TABLE schema_versions", StringComparison.Ordinal)), s_patience);
        Assert.False(start.IsCompleted);
        await held.RollbackAsync();

        await start.WaitAsync(s_patience);
    }

    [PostgresFact]
    public async Task An_old_consumer_stores_on_while_a_migration_that_it_may_work_with_is_applied()
    {
        await Schema(_database).EnsureAsync(CancellationToken.None);
        var old = new LogStore(_database, "group", "topic") { ClaimBlockedFor = TimeSpan.FromMilliseconds(200), WriteBlockedFor = TimeSpan.FromMilliseconds(300) };
        var claim = await old.ClaimAsync(0);
        using var stop = new CancellationTokenSource();
        var position = 0L;
        var storing = StoreAsync();
        await Eventually.TrueAsync("batches", () => Interlocked.Read(ref position) > 100, s_patience);

        // Longer than the patience of a writer with whoever is in its way.
        await Schema(_database, [.. Migration.All, Next(1, "LOCK TABLE consumer_offsets, log_events; SELECT pg_sleep(1.5); ALTER TABLE log_events ADD COLUMN note text")])
            .EnsureAsync(CancellationToken.None);

        var then = Interlocked.Read(ref position);
        await Eventually.TrueAsync("more batches", () => storing.IsCompleted || Interlocked.Read(ref position) > then + 100, s_patience);
        await stop.CancelAsync();
        await storing;
        Assert.Equal(Enumerable.Range(0, (int)position).Select(offset => (long)offset), await _database.OffsetsAsync(0));
        // It starts again, too.
        await Schema(_database).EnsureAsync(CancellationToken.None);

        async Task StoreAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.True((await old.WriteAsync(Batch(claim, position, 10))).Committed);
                Interlocked.Add(ref position, 10);
            }
        }
    }

    [PostgresFact]
    public async Task A_database_that_can_never_do_is_refused_and_one_that_cannot_write_now_is_waited_for()
    {
        await using var ascii = await server.CreateEmptyDatabaseAsync("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => Schema(ascii).EnsureAsync(CancellationToken.None));
        Assert.Contains("SQL_ASCII", refused.Message, StringComparison.Ordinal);

        var name = (await _database.ListAsync<string>("SELECT current_database()::text"))[0];
        await _database.ExecuteAsync($"ALTER DATABASE {name} SET default_transaction_read_only = on; ALTER DATABASE {name} SET synchronous_commit = off");
        _database.Clear();
        var schema = Schema(_database);
        List<string> waits = [];
        var start = schema.EnsureWhenReadyAsync((e, _) => waits.Add(e.Message), CancellationToken.None);
        await Eventually.TrueAsync("a wait", () => waits.Count > 0, s_patience);
        Assert.Contains("The database is read only", waits[0], StringComparison.Ordinal);
        await using (var admin = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Options = "-c default_transaction_read_only=off" }))
        {
            await admin.ExecuteAsync($"ALTER DATABASE {name} RESET default_transaction_read_only");
        }

        _database.Clear();
        await start.WaitAsync(s_patience);

        // The tests' server is fast and not safe.
        Assert.Contains(schema.Warnings, warning => warning.StartsWith("fsync is off", StringComparison.Ordinal));
        Assert.Contains(schema.Warnings, warning => warning.StartsWith("synchronous_commit is off for the role postgres", StringComparison.Ordinal));
        Assert.Single(_log.All, line => line.StartsWith("The log store: synchronous_commit is off", StringComparison.Ordinal));
    }

    private LogStoreSchema Schema(NpgsqlDataSource database, IReadOnlyList<Migration>? migrations = null) =>
        new(database, null, migrations ?? Migration.All, TimeProvider.System, _log) { Patience = TimeSpan.Zero };

    /// <summary>One that the program does not know yet.</summary>
    private static Migration Next(int further, string sql, int compatibleFrom = 1, bool inTransaction = true) =>
        new(Migration.All.Count + further, $"later_{further}", sql, compatibleFrom, inTransaction);

    private static Task FillAsync(NpgsqlDataSource database) => database.ExecuteAsync(
        """
        INSERT INTO log_events (id, partition, "offset", source, key, level, message, timestamp, attributes)
          SELECT gen_random_uuid(), n % 3, n, 's', 's', 2, 'søme text ' || n, now(), '{"n":1}' FROM generate_series(1, 100) AS n;
        INSERT INTO consumer_offsets (group_id, topic, partition, next_offset, owner, epoch) VALUES ('g', 't', 0, 100, 'a', 3);
        INSERT INTO log_gaps (group_id, topic, partition, log, from_offset, to_offset, cause) VALUES ('g', 't', 0, 1, 0, 1, 'deleted'), ('g', 't', 0, 1, 5, 6, 'deleted');
        INSERT INTO source_splits (source, keys) VALUES ('s', 4);
        INSERT INTO dead_letter_replays (topic, partition, "offset", state) VALUES ('t', 0, 1, 'sent');
        INSERT INTO replay_jobs (id, topic, partition, start, state, progress, started_at) VALUES (gen_random_uuid(), 't', '0', '0', 'done', '{}', now());
        """);

    /// <summary>All rows. Columns that versions have since then are not compared; <see cref="StoreUpgradeTests"/> does.</summary>
    private static async Task<IReadOnlyList<string>> RowsAsync(NpgsqlDataSource database)
    {
        List<string> rows = [];
        foreach (var table in new[] { "log_events", "consumer_offsets", "log_gaps", "source_splits", "dead_letter_replays", "replay_jobs" })
        {
            rows.AddRange(await database.ListAsync<string>($"SELECT (to_jsonb(t) - ARRAY['last_batch_at', 'last_stored_at', 'last_offset', 'last_id'])::text FROM {table} AS t ORDER BY 1"));
        }

        Assert.Equal(106, rows.Count);
        return rows;
    }

    /// <summary>
    /// Columns, constraints, indexes, settings and functions. Not the order of columns: one that is added comes last. Nor the partitions of days:
    /// a database has those of its events.
    /// </summary>
    private static Task<IReadOnlyList<string>> CatalogAsync(NpgsqlDataSource database) => database.ListAsync<string>(
        """
        WITH tables AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '_\d{8}(_|$)')
        SELECT format('%s %s: %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN tables c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT format('%s %s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid IN (SELECT oid FROM tables)
        UNION ALL
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname IN (SELECT relname FROM tables)
        UNION ALL
        SELECT format('%s: %s %s %s %s', relname, relkind, reloptions, pg_get_partkeydef(oid), CASE WHEN relispartition THEN 'a partition' END) FROM tables
        UNION ALL
        SELECT format('%s %s', pg_get_functiondef(oid), proacl) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        ORDER BY 1
        """);
}
