using Aspire.Hosting;
using LogPartitioning.AppHost.Postgres;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Partitioning;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;
using ConsumerStore = LogPartitioning.Consumer.Storage.LogStore;

namespace LogPartitioning.Tests.AppHost.Postgres;

[Collection(PostgresTests.Name)]
public sealed class StoreRolesTests(PostgresServer server) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private NpgsqlDataSource _superuser = null!;
    private NpgsqlDataSource? _app;

    public async Task InitializeAsync() => _superuser = await server.CreateEmptyDatabaseAsync();

    public async Task DisposeAsync()
    {
        await (_app?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _superuser.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [PostgresFact]
    public async Task A_data_folder_of_the_superusers_is_upgraded_in_place_and_the_services_own_nothing()
    {
        await _superuser.ExecuteAsync(RepositoryFiles.Read("LogPartitioning.Tests/Core/Storage/before-migrations.sql"));
        await _superuser.ExecuteAsync("INSERT INTO consumer_offsets (group_id, topic, partition, next_offset, owner, epoch) VALUES ('group', 'topic', 0, 0, 'a', 1)");
        await MakeRolesAsync();
        // At the next start.
        await MakeRolesAsync();
        _app = As("logs_app");

        await Schema(_app, As("logs_owner")).EnsureAsync(CancellationToken.None);

        Assert.Equal(["logs_owner"], await _superuser.ListAsync<string>("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'"));
        Assert.Equal(0, await _superuser.CountAsync("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'logs\\_%' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)"));
        await Schema(_app).EnsureAsync(CancellationToken.None);
        await WorksAsync(_app);
        foreach (var forbidden in new[] { "CREATE TABLE mine (n integer)", "DROP TABLE log_gaps", "TRUNCATE log_events", "DELETE FROM log_events", "DELETE FROM log_event_ids", "DELETE FROM log_counts", "UPDATE log_events SET message = message", "UPDATE retention_runs SET error = error", "DROP TABLE log_events_other", "DELETE FROM schema_versions", "ALTER TABLE log_events ADD COLUMN note text" })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => _app.ExecuteAsync(forbidden));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [PostgresFact]
    public async Task A_service_without_the_owners_connection_waits_says_for_whom_and_goes_on()
    {
        await MakeRolesAsync();
        _app = As("logs_app");
        List<string> waits = [];

        var start = Schema(_app).EnsureWhenReadyAsync((e, _) => waits.Add(e.Message), CancellationToken.None);
        await Eventually.TrueAsync("a wait", () => waits.Count > 0, s_patience);
        await Schema(_app, As("logs_owner")).EnsureAsync(CancellationToken.None);
        await start.WaitAsync(s_patience);

        Assert.StartsWith("The log store has no schema yet, and this program needs version", waits[0], StringComparison.Ordinal);
        Assert.Contains("The role logs_app may not make or change its tables: this waits for a service that has ConnectionStrings:logs_owner", waits[0], StringComparison.Ordinal);
        await WorksAsync(_app);
    }

    [PostgresFact]
    public async Task Rights_that_are_lacking_are_told_as_the_statements_that_give_them_all_at_once()
    {
        await MakeRolesAsync();
        _app = As("logs_app");
        await using var owner = As("logs_owner");
        await Schema(owner).EnsureAsync(CancellationToken.None);

        var lacking = await Assert.ThrowsAsync<StoreNotReadyException>(() => Schema(_app).EnsureAsync(CancellationToken.None));

        Assert.Contains("As the owner of the tables: GRANT SELECT, INSERT ON log_events TO logs_app;", lacking.Message, StringComparison.Ordinal);
        Assert.Contains("GRANT SELECT, INSERT, UPDATE ON consumer_offsets TO logs_app;", lacking.Message, StringComparison.Ordinal);

        // As it says.
        foreach (var statement in lacking.Message.Split("As the owner of the tables: ").Skip(1).Select(rest => rest[..rest.IndexOf(';', StringComparison.Ordinal)]))
        {
            await owner.ExecuteAsync(statement);
        }

        await Schema(_app).EnsureAsync(CancellationToken.None);
        await WorksAsync(_app);
    }

    [PostgresFact]
    public async Task What_the_owner_does_for_the_services_ends_with_the_days_that_are_over_and_nobody_else_may_ask_for_it()
    {
        await MakeRolesAsync();
        _app = As("logs_app");
        await Schema(_app, As("logs_owner")).EnsureAsync(CancellationToken.None);
        await _app.ExecuteAsync("SELECT make_log_day('2999-01-01')");

        foreach (var early in new[]
        {
            "drop_log_day((now() AT TIME ZONE 'UTC')::date)", "drop_log_day('2999-01-01')", "drop_log_day('infinity')", "drop_log_day(NULL)",
            // The names of partitions have no era.
            "drop_log_day('2999-01-01 BC')", "drop_log_day('-infinity')",
            "drop_log_ids('2999-01-01', (now() AT TIME ZONE 'UTC')::date + 1)", "drop_log_ids('2999-01-01', NULL)",
            "delete_log_ids((now() AT TIME ZONE 'UTC')::date + 1, 10)", "delete_log_ids(NULL, 10)",
            "delete_log_events((now() AT TIME ZONE 'UTC')::date, now(), NULL, 10)", "delete_log_events(NULL, 'infinity', NULL, 10)", "delete_log_events(NULL, NULL, NULL, 10)",
        })
        {
            var refused = await Xunit.Record.ExceptionAsync(() => _app.ExecuteAsync($"SELECT {early}"));
            Assert.True(refused is PostgresException { SqlState: PostgresErrorCodes.InvalidParameterValue }, $"{early}: {refused?.Message ?? "done"}");
        }

        // A role that every server has, and that is nobody here.
        await _superuser.ExecuteAsync("GRANT USAGE ON SCHEMA public TO pg_monitor");
        foreach (var called in new[]
        {
            "make_log_day('2026-01-01')", "drop_log_day('2026-01-01')", "drop_log_ids('2026-01-01', '2026-01-01')", "delete_log_ids('2026-01-01', 1)", "delete_log_events(NULL, '2026-01-01', NULL, 1)",
        })
        {
            var refused = await Xunit.Record.ExceptionAsync(() => _superuser.ExecuteAsync($"SET ROLE pg_monitor; SELECT {called}"));
            Assert.True(refused is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege }, $"{called}: {refused?.Message ?? "done"}");
        }

        Assert.Equal(3, await _superuser.CountAsync("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE '%\\_29990101'"));
    }

    [PostgresFact]
    public async Task Nothing_that_a_service_makes_runs_with_the_owners_rights_because_it_has_a_partitions_name()
    {
        await MakeRolesAsync();
        _app = As("logs_app");
        await Schema(_app, As("logs_owner")).EnsureAsync(CancellationToken.None);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => _app.ExecuteAsync("CREATE TEMPORARY TABLE mine (n integer)"));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);

        // On a server of one's own everybody may, by default.
        var name = (await _superuser.ListAsync<string>("SELECT current_database()::text"))[0];
        await _superuser.ExecuteAsync($"GRANT TEMPORARY ON DATABASE {name} TO PUBLIC");
        await _app.ExecuteAsync(
            """
            CREATE TEMPORARY TABLE ran (who text);
            CREATE FUNCTION pg_temp.run() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ran VALUES (current_user); RETURN 1; END $$;
            CREATE FUNCTION pg_temp.on_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_temp.run(); RETURN OLD; END $$;
            CREATE TEMPORARY TABLE log_events_20200101 (LIKE log_events);
            CREATE TRIGGER change BEFORE DELETE ON log_events_20200101 FOR EACH ROW EXECUTE FUNCTION pg_temp.on_change();
            INSERT INTO log_events_20200101 VALUES (gen_random_uuid(), '2020-01-01 12:00:00+00', 1, now(), 0, 1, 1, 's', 's', 'm');
            CREATE TEMPORARY VIEW log_counts_20200101 AS SELECT '2020-01-01 12:00:00+00'::timestamptz AS minute, pg_temp.run() AS events, 0 AS partition, 1::smallint AS level;
            CREATE TEMPORARY VIEW log_event_ids_20200101 AS SELECT '2020-01-01'::date AS stored_on, pg_temp.run() AS id;
            GRANT ALL ON ran, log_events_20200101, log_counts_20200101, log_event_ids_20200101 TO PUBLIC;
            SELECT FROM delete_log_events('2020-01-01', '2021-01-01', NULL, 10);
            SELECT FROM drop_log_day('2020-01-01');
            SELECT FROM drop_log_ids('2020-01-01', '2021-01-01');
            SELECT make_log_day('2020-01-01');
            DO $$
            BEGIN
              IF EXISTS (SELECT FROM ran) OR (SELECT count(*) FROM pg_class WHERE relname LIKE '%\_20200101' AND relpersistence = 't') <> 3 THEN
                RAISE EXCEPTION 'it ran as %', (SELECT string_agg(who, ', ') FROM ran);
              END IF;
            END $$
            """);

        Assert.Equal(3, await _superuser.CountAsync("SELECT count(*) FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid WHERE relname LIKE '%\\_20200101' AND relkind = 'r' AND relispartition"));
    }

    /// <summary>What services do with each of the tables.</summary>
    private static async Task WorksAsync(NpgsqlDataSource app)
    {
        var store = new ConsumerStore(app, "group", "topic");
        var claim = await store.ClaimAsync(0, "b");
        var batch = Batch(claim, claim.NextOffset, 5);
        Assert.True((await store.WriteAsync(batch)).Committed);
        // The ids are stored.
        var again = await store.ClaimAsync(1, "b");
        Assert.True((await store.WriteAsync(batch with { Partition = 1, Epoch = again.Epoch, Start = again.NextOffset })).Committed);
        // What it has the owner do: whoever else connects may not.
        await app.ExecuteAsync(
            """
            SELECT make_log_day(current_date - 9), make_log_day(current_date);
            SELECT FROM drop_log_day(current_date - 9), drop_log_ids(current_date - 9, current_date - 7), delete_log_ids(current_date - 7, 10);
            SELECT FROM delete_log_events(NULL, now() - interval '30 days', NULL, 10) AS beside, delete_log_events(current_date, now() - interval '3 days', 1, 10)
            """);
        Assert.Equal(0, await app.CountAsync(
            "SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef AND coalesce(proacl::text, '=X') ~ '[{,]=X'"));
        Assert.Equal(5, await app.CountAsync("SELECT count(*) FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef AND proconfig::text LIKE '%search_path=public, pg_temp%'"));
        var splits = new SplitStore(app);
        await splits.SetAsync("checkout", 4, CancellationToken.None);
        Assert.Single(await splits.ReadAsync(CancellationToken.None));
        await app.ExecuteAsync("UPDATE dead_letter_replays SET state = state; DELETE FROM dead_letter_replays; UPDATE replay_jobs SET state = state; DELETE FROM replay_jobs; SELECT FROM log_gaps");
    }

    private async Task MakeRolesAsync()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = [], DisableDashboard = true });
        await builder.AddStoreRoles(_folder.Path).MakeAsync(_superuser.ConnectionString, CancellationToken.None);
    }

    private NpgsqlDataSource As(string role) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_superuser.ConnectionString) { Username = role });

    private LogStoreSchema Schema(NpgsqlDataSource database, NpgsqlDataSource? owner = null) =>
        new(database, owner?.ConnectionString, Migration.All, TimeProvider.System, _log) { Patience = TimeSpan.Zero };
}
