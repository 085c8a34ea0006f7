using System.Buffers.Binary;
using System.Globalization;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Core.Storage;

/// <summary>A database with events from before they lay by days becomes one with days, and what was there is there.</summary>
[Collection(PostgresTests.Name)]
public sealed class StoreUpgradeTests(PostgresServer server) : IAsyncLifetime
{
    /// <summary>How a program of version 1 claims a partition.</summary>
    private const string Claim = """
        INSERT INTO consumer_offsets AS o (group_id, topic, partition, next_offset, owner, epoch, topic_id)
        SELECT 'g', 't', p, 0, 'old', 1, NULL FROM unnest(ARRAY[0]) AS p ORDER BY p
        ON CONFLICT (group_id, topic, partition) DO UPDATE SET owner = excluded.owner, epoch = o.epoch + 1, updated_at = now()
        RETURNING partition, epoch, next_offset, last_batch_at, topic_id, log, halted, halted_detail, halted_at, passing_until
        """;

    /// <summary>How it begins to write a batch of a partition that it has.</summary>
    private const string Move = """
        UPDATE consumer_offsets AS o
        SET next_offset = b.batch_end, last_batch_at = clock_timestamp(), updated_at = now()
        FROM unnest(ARRAY[0], ARRAY[3::bigint], ARRAY[100::bigint], ARRAY[101::bigint]) AS b (partition, epoch, batch_start, batch_end)
        WHERE o.group_id = 'g' AND o.topic = 't' AND o.partition = b.partition
          AND o.epoch = b.epoch AND o.next_offset = b.batch_start AND b.batch_end > b.batch_start
        RETURNING o.partition, o.last_batch_at
        """;

    /// <summary>How it stores what a replay of history finds missing.</summary>
    private const string Insert = """
        INSERT INTO log_events (id, partition, log, "offset", source, key, level, message, timestamp, attributes)
        VALUES (gen_random_uuid(), 0, 1, 1000, 's', 's', 2, 'of an old program', now(), NULL)
        ON CONFLICT (id) DO NOTHING
        """;

    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync()
    {
        _database = await server.CreateEmptyDatabaseAsync();
        // Days are those of UTC, wherever the server is.
        var name = (await _database.ListAsync<string>("SELECT current_database()::text"))[0];
        await _database.ExecuteAsync($"ALTER DATABASE {name} SET TimeZone = 'Asia/Kathmandu'");
        _database.Clear();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_event_is_there_unchanged_in_its_day_with_its_id_and_counted(bool hadMigrations)
    {
        var events = Events();
        await MakeVersion1Async(hadMigrations);
        await FillAsync(events);
        var rows = await _database.ListAsync<string>("SELECT to_jsonb(e)::text FROM log_events e ORDER BY 1");
        Assert.Equal(events.Count, rows.Count);

        await _database.MakeSchemaAsync();

        Assert.Equal(rows, await _database.ListAsync<string>("SELECT to_jsonb(e)::text FROM log_events e ORDER BY 1"));
        var days = events.Where(e => HasDay(e.Timestamp)).Select(e => DayOf(e.Timestamp)).ToHashSet();
        Assert.Equal(
            Sorted(events.Select(e => $"{e.Id} log_events_{Suffix(days, DayOf(e.Timestamp))}")),
            Sorted(await _database.ListAsync<string>("""SELECT format('%s %s', id, tableoid::regclass) FROM log_events""")));
        Assert.Equal(
            Sorted(events.Select(e => $"{e.Id} {e.Partition} {e.Log} {e.Offset} log_event_ids_{(IdDayOf(e.Id) is { } day ? Suffix(days, day) : "random")} {IdDayOf(e.Id)?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "-infinity"}")),
            Sorted(await _database.ListAsync<string>("""SELECT format('%s %s %s %s %s %s', id, partition, log, "offset", tableoid::regclass, day) FROM log_event_ids""")));
        Assert.Equal(0, await _database.CountAsync(
            """
            SELECT count(*) FROM log_events e FULL JOIN log_event_ids i USING (id)
            WHERE (e.timestamp, (e.stored_at AT TIME ZONE 'UTC')::date) IS DISTINCT FROM (i.timestamp, i.stored_on)
            """));
        Assert.Equal(
            await _database.ListAsync<string>(
                """
                SELECT format('%s %s %s %s %s', date_trunc('minute', timestamp, 'UTC'), partition, level, count(*), replace(tableoid::regclass::text, 'log_events', 'log_counts'))
                FROM log_events GROUP BY date_trunc('minute', timestamp, 'UTC'), partition, level, tableoid ORDER BY 1
                """),
            await _database.ListAsync<string>("SELECT format('%s %s %s %s %s', minute, partition, level, events, tableoid::regclass) FROM log_counts ORDER BY 1"));
        Assert.Equal(0, await _database.CountAsync("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_before%'"));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_position_knows_the_last_event_before_it_of_its_log(bool hadMigrations)
    {
        var events = Events();
        await MakeVersion1Async(hadMigrations);
        await FillAsync(events);
        await _database.ExecuteAsync(
            """
            INSERT INTO consumer_offsets (group_id, topic, partition, log, next_offset, owner, epoch, last_batch_at) VALUES
              ('g', 't', 0, 1, 100, 'a', 3, '2026-11-20 10:00Z'), ('g', 't', 1, 2, 9, 'a', 1, NULL), ('g', 't', 2, 1, 0, 'a', 1, NULL), ('g', 't', 7, 1, 50, 'a', 1, NULL),
              ('h', 't', 0, 1, 7, 'b', 1, NULL)
            """);

        await _database.MakeSchemaAsync();

        Assert.Equal(
            Sorted([Position("g", 0, 1, 100), Position("g", 1, 2, 9), "g 2  ", "g 7  ", Position("h", 0, 1, 7)]),
            Sorted(await _database.ListAsync<string>("""SELECT format('%s %s %s %s', group_id, partition, last_offset, last_id) FROM consumer_offsets""")));
        Assert.Equal(1, await _database.CountAsync("SELECT count(*) FROM consumer_offsets WHERE last_stored_at = '2026-11-20 10:00Z' AND (group_id, partition, epoch, owner) = ('g', 0, 3, 'a')"));

        string Position(string group, int partition, short log, long next)
        {
            var last = events.Where(e => e.Partition == partition && e.Log == log && e.Offset < next).MaxBy(e => e.Offset)!;
            return $"{group} {partition} {last.Offset} {last.Id}";
        }
    }

    [PostgresFact]
    public async Task A_program_of_version_1_that_still_runs_can_neither_claim_nor_store()
    {
        await MakeVersion1Async(hadMigrations: true);
        await _database.ExecuteAsync("INSERT INTO consumer_offsets (group_id, topic, partition, next_offset, owner, epoch) VALUES ('g', 't', 0, 100, 'a', 3)");
        foreach (var statement in new[] { Move, Insert, Claim })
        {
            await using var connection = await _database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(statement, connection, transaction);
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        await _database.MakeSchemaAsync();

        foreach (var (statement, refusal) in new[] { (Move, PostgresErrorCodes.UndefinedColumn), (Claim, PostgresErrorCodes.UndefinedColumn), (Insert, PostgresErrorCodes.InvalidColumnReference) })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => _database.ExecuteAsync(statement));
            Assert.Equal(refusal, refused.SqlState);
        }

        Assert.Equal(1, await _database.CountAsync("SELECT count(*) FROM consumer_offsets WHERE (next_offset, epoch, owner) = (100, 3, 'a')"));
        Assert.Equal(0, await _database.CountAsync("SELECT count(*) FROM log_events"));
        await Assert.ThrowsAsync<StoreRefusedException>(() =>
            new LogStoreSchema(_database, null, [.. Migration.All.Take(1)], TimeProvider.System, new LogLines()) { Patience = TimeSpan.Zero }.EnsureAsync(CancellationToken.None));
    }

    [PostgresFact]
    public async Task Ids_of_the_last_day_of_the_year_9999_go_where_ids_that_name_no_day_are()
    {
        await new LogStoreSchema(_database, null, [.. Migration.All.Take(3)], TimeProvider.System, new LogLines()).EnsureAsync(CancellationToken.None);
        await _database.ExecuteAsync(
            """
            INSERT INTO log_event_ids (id, timestamp, "offset", day, partition, log) VALUES
              ('e677d21f-dbff-7fff-bfff-ffffffffffff', now(), 1, '9999-12-31', 0, 1), ('e677d21f-dbff-7fff-bfff-fffffffffffe', now(), 2, 'infinity', 0, 1),
              ('e677d21f-dbff-7fff-bfff-fffffffffffe', now(), 2, '-infinity', 0, 1), ('e677ccf9-7fff-7fff-bfff-ffffffffffff', now(), 3, '9999-12-30', 0, 1)
            """);

        await _database.MakeSchemaAsync();

        Assert.Equal(
            ["1 log_event_ids_random -infinity", "2 log_event_ids_random -infinity", "3 log_event_ids_other 9999-12-30"],
            await _database.ListAsync<string>("""SELECT format('%s %s %s', "offset", tableoid::regclass, day) FROM log_event_ids ORDER BY 1"""));
        Assert.Equal(0, await _database.CountAsync("SELECT count(*) FROM log_event_ids WHERE day <> log_id_day(id)"));
    }

    private Task MakeVersion1Async(bool hadMigrations) => hadMigrations
        ? new LogStoreSchema(_database, null, [.. Migration.All.Take(1)], TimeProvider.System, new LogLines()).EnsureAsync(CancellationToken.None)
        : _database.ExecuteAsync(RepositoryFiles.Read("LogPartitioning.Tests/Core/Storage/before-migrations.sql"));

    /// <summary>Of many days, by their own clock and by their id's, at the edges of days, and of times far off.</summary>
    private static List<StoredRow> Events()
    {
        var today = new DateTimeOffset(DateTimeOffset.UtcNow.Date, TimeSpan.Zero);
        DateTimeOffset[] times =
        [
            .. Enumerable.Range(0, 60).Select(i => today.AddDays(-i / 12).AddMinutes(-37 * (i % 12))),
            today, today.AddMicroseconds(-1), today.AddDays(-1), today.AddDays(-1).AddMicroseconds(-1), today.AddDays(1), today.AddDays(2).AddHours(5),
            today.AddDays(-300), today.AddDays(-400), today.AddYears(-20), today.AddDays(30), today.AddYears(50), new(1, 1, 1, 0, 0, 0, TimeSpan.Zero),
        ];
        return
        [
            .. times.SelectMany((time, i) => new[]
            {
                Guid.NewGuid(),
                Guid.CreateVersion7(time.Year < 1970 ? today : time),
                // Made on another day than the one that the event tells.
                Guid.CreateVersion7(today.AddDays(-i)),
            }.Select((id, kind) => new StoredRow(id, kind, (short)(1 + i % 2), i, time, (short)(i % 6), today.AddHours(-i)))),
        ];
    }

    private async Task FillAsync(IReadOnlyList<StoredRow> events)
    {
        await using var command = _database.CreateCommand(
            """
            INSERT INTO log_events (id, partition, log, "offset", source, key, level, message, timestamp, attributes, stored_at)
            SELECT id, partition, log, place, format('søurce-%s', place % 5), format('kéy-%s', place), level, format(E'text %s\n\t☃', place),
              timestamp, CASE WHEN place % 3 = 0 THEN jsonb_build_object('n', place, 'text', repeat('long ', 1000)) END, stored_at
            FROM unnest($1, $2, $3, $4, $5, $6, $7) AS e (id, partition, log, place, timestamp, level, stored_at)
            """);
        Add(e => e.Id);
        Add(e => e.Partition);
        Add(e => e.Log);
        Add(e => e.Offset);
        Add(e => e.Timestamp.UtcDateTime);
        Add(e => e.Level);
        Add(e => e.StoredAt.UtcDateTime);
        await command.ExecuteNonQueryAsync();

        void Add<T>(Func<StoredRow, T> of) => command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. events.Select(of)] });
    }

    /// <summary>Whether the upgrade makes a partition for it. No event of these is so near the bounds that the hour matters.</summary>
    private static bool HasDay(DateTimeOffset timestamp) => timestamp > DateTimeOffset.UtcNow.AddDays(-366) && timestamp < DateTimeOffset.UtcNow.AddDays(3);

    private static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);

    /// <summary>The day that an id names, by RFC 9562; null where it is of another kind.</summary>
    private static DateOnly? IdDayOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        Assert.True(id.TryWriteBytes(bytes, bigEndian: true, out _));
        return bytes[6] >> 4 == 7 ? DayOf(DateTimeOffset.FromUnixTimeMilliseconds((long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16))) : null;
    }

    private static string Suffix(HashSet<DateOnly> made, DateOnly day) => made.Contains(day) ? day.ToString("yyyyMMdd", CultureInfo.InvariantCulture) : "other";

    private static IEnumerable<string> Sorted(IEnumerable<string> lines) => lines.Order(StringComparer.Ordinal);

    private sealed record StoredRow(Guid Id, int Partition, short Log, long Offset, DateTimeOffset Timestamp, short Level, DateTimeOffset StoredAt);
}
