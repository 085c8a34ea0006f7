using LogPartitioning.Core.Storage;
using LogPartitioning.Core.Storage.Retention;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LogPartitioning.Tests.Core.Storage;

[Collection(PostgresTests.Name)]
public sealed class RetentionTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly StoreOptions _options = new() { RetentionDays = 30, IdWindowDays = 7, RetentionDaysByLevel = { ["debug"] = 3 } };
    private readonly LogLines _log = new();

    [PostgresFact]
    public async Task What_the_plan_names_goes_and_nothing_else_and_counts_stay_equal_to_the_rows()
    {
        await FillAsync(-40, -31, -30, -10, -2, 0);
        // A day that was never made, long gone.
        await AddAsync(-50, 5, stored: -50);

        var plan = await Planner().ReadAsync(CancellationToken.None);
        var run = await RunAsync();

        Assert.Equal(
            [(RetentionKind.Day, -40, 12), (RetentionKind.Day, -31, 12), (RetentionKind.Events, null, 5), (RetentionKind.Events, -30, 6), (RetentionKind.Events, -10, 6)],
            plan.Items.Where(item => item.IsOfEvents).Select(item => (item.Kind, item.Day is { } day ? (int?)(day.DayNumber - Today.DayNumber) : null, item.Rows)));
        Assert.Equal(plan.Items.Where(item => item.IsOfEvents).Sum(item => item.Rows), run.Freed.Events);
        Assert.Equal(2, run.Freed.Days);
        Assert.Equal(6 + 6 + 12 + 12, await Database.CountAsync("SELECT count(*) FROM log_events"));
        Assert.Equal(0, await Database.CountAsync(
            "SELECT count(*) FROM (SELECT date_trunc('minute', timestamp, 'UTC'), partition, level, count(*)::bigint FROM log_events GROUP BY 1, 2, 3) e FULL JOIN (SELECT minute, partition, level, events FROM log_counts) c ON e = c WHERE e IS NULL OR c IS NULL"));
        Assert.Empty((await Planner().ReadAsync(CancellationToken.None)).Items);
        Assert.Equal(run.Freed, Assert.Single(await new RetentionRuns(Database).ListAsync(10, CancellationToken.None)).Freed);
    }

    [PostgresFact]
    public async Task Ids_within_the_window_stay_whatever_day_they_name()
    {
        await MakeDaysAsync(-20, -10, 0);
        await IdAsync(-20, stored: -20);
        await IdAsync(-10, stored: -10);
        // A retry that came late.
        await IdAsync(-10, stored: -1);
        await IdAsync(null, stored: -8);
        await IdAsync(null, stored: -7);
        await IdAsync(-15, stored: -9);

        var run = await RunAsync();

        Assert.Equal(3, run.Freed.Ids);
        Assert.Equal([-10, -7, -1], await Database.ListAsync<int>("SELECT stored_on - (now() AT TIME ZONE 'UTC')::date FROM log_event_ids ORDER BY 1"));
    }

    [PostgresFact]
    public async Task One_at_a_time_has_the_turn_and_others_see_it()
    {
        await using (await RetentionTurn.TryTakeAsync(Database, CancellationToken.None))
        {
            Assert.Null(await RetentionTurn.TryTakeAsync(Database, CancellationToken.None));
            Assert.True(await RetentionTurn.IsTakenAsync(Database, CancellationToken.None));
        }

        Assert.False(await RetentionTurn.IsTakenAsync(Database, CancellationToken.None));
        await using var again = await RetentionTurn.TryTakeAsync(Database, CancellationToken.None);
        Assert.NotNull(again);
    }

    [PostgresFact]
    public async Task A_lock_that_another_session_holds_is_waited_for_and_told()
    {
        await FillAsync(-40);
        await using var other = await Database.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var held = new NpgsqlCommand("LOCK TABLE log_events IN ACCESS SHARE MODE", other, transaction))
        {
            await held.ExecuteNonQueryAsync();
        }

        var run = RunAsync();
        await Eventually.TrueAsync("a word of it", () => _log.All.Any(line => line.StartsWith("Retention waits for a lock at the log store (Day of", StringComparison.Ordinal)), s_patience);
        await Eventually.TrueAsync("who holds it", () => _log.All.Any(line => line.StartsWith("Retention waits for a lock at the log store, held by session", StringComparison.Ordinal)), s_patience);
        await transaction.RollbackAsync();

        Assert.Equal(12, (await run.WaitAsync(s_patience)).Freed.Events);
    }

    [PostgresFact]
    public async Task A_day_that_is_not_over_is_never_dropped_and_a_late_event_goes_at_the_next_run()
    {
        await FillAsync(-40, 0);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => Database.ExecuteAsync("SELECT drop_log_day((now() AT TIME ZONE 'UTC')::date)"));
        Assert.Equal(PostgresErrorCodes.InvalidParameterValue, refused.SqlState);
        await RunAsync();

        await AddAsync(-40, 1, stored: 0);

        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM log_events_other"));
        Assert.Equal(1, (await RunAsync()).Freed.Events);
        Assert.Equal(12, await Database.CountAsync("SELECT count(*) FROM log_events"));
    }

    [PostgresFact]
    public async Task The_days_ahead_reach_a_day_beyond_the_furthest_timestamp()
    {
        await new DaysAhead(Database, _options, TimeProvider.System, NullLogger<DaysAhead>.Instance).MakeAsync(CancellationToken.None);

        Assert.Equal([-1, 0, 1, 2], (await Planner().ReadAsync(CancellationToken.None)).Days.Select(day => day.Day.DayNumber - Today.DayNumber));
    }

    [PostgresFact]
    public async Task A_day_ahead_that_was_detached_keeps_no_other_from_being_made()
    {
        await MakeDaysAsync(0);
        await Database.ExecuteAsync(FormattableString.Invariant($"ALTER TABLE log_counts DETACH PARTITION log_counts_{Today:yyyyMMdd}"));
        var days = new DaysAhead(Database, _options, TimeProvider.System, NullLogger<DaysAhead>.Instance);

        await Assert.ThrowsAsync<PostgresException>(() => days.MakeAsync(CancellationToken.None));

        Assert.Equal([-1, 0, 1, 2], (await Planner().ReadAsync(CancellationToken.None)).Days.Select(day => day.Day.DayNumber - Today.DayNumber));
    }

    [PostgresFact]
    public async Task What_does_not_go_keeps_nothing_else_from_going_and_is_told()
    {
        await FillAsync(-42, -41, -40, -10);
        await IdAsync(null, stored: -8);
        await Database.ExecuteAsync(FormattableString.Invariant($"CREATE VIEW seen AS SELECT * FROM log_events_{Today.AddDays(-42):yyyyMMdd}"));

        var run = await RunAsync();

        Assert.Equal((2, 12 + 12 + 6L, 1L), (run.Freed.Days, run.Freed.Events, run.Freed.Ids));
        Assert.Equal(FormattableString.Invariant($"Day of {Today.AddDays(-42):yyyy-MM-dd}: something else at the database depends on it, as a view does (SQLSTATE 2BP01)"), run.Error);
        Assert.Equal(run.Error, Assert.Single(await new RetentionRuns(Database).ListAsync(10, CancellationToken.None)).Error);
        Assert.Contains(_log.All, line => line.StartsWith("Retention could not drop Day of", StringComparison.Ordinal));
        await WithRetentionAsync(async retention => Assert.False(await retention.HasRunWithinAsync(TimeSpan.FromHours(1), CancellationToken.None)));

        await Database.ExecuteAsync("DROP VIEW seen");
        run = await RunAsync();
        Assert.Equal((12L, (string?)null), (run.Freed.Events, run.Error));
        await WithRetentionAsync(async retention => Assert.True(await retention.HasRunWithinAsync(TimeSpan.FromHours(1), CancellationToken.None)));
    }

    [PostgresFact]
    public async Task A_failure_of_any_kind_is_a_run_that_failed()
    {
        await Assert.ThrowsAsync<NotSupportedException>(() => RunAsync(new RetentionPlanner(Database, _options, new NoClock())));

        Assert.Equal("an error of the service, which its log tells", Assert.Single(await new RetentionRuns(Database).ListAsync(10, CancellationToken.None)).Error);
    }

    [PostgresFact]
    public async Task A_run_that_began_after_now_was_by_a_clock_that_was_set_back_and_silences_nobody()
    {
        await NoteAsync(DateTimeOffset.UtcNow.AddDays(300));
        await WithRetentionAsync(async retention => Assert.False(await retention.HasRunWithinAsync(TimeSpan.FromHours(1), CancellationToken.None)));

        await NoteAsync(DateTimeOffset.UtcNow.AddMinutes(-1));
        await WithRetentionAsync(async retention => Assert.True(await retention.HasRunWithinAsync(TimeSpan.FromHours(1), CancellationToken.None)));

        Task NoteAsync(DateTimeOffset at) => new RetentionRuns(Database).AddAsync(new(at, at, "test", _options.RetentionInWords(), new(0, 0, 0, 0), null), CancellationToken.None);
    }

    [PostgresFact]
    public async Task The_first_minute_of_the_year_1_goes_like_any_other_however_it_was_counted()
    {
        await Database.ExecuteAsync(
            """
            INSERT INTO log_events SELECT gen_random_uuid(), at, n, now(), 0, 1, 2, 's', 's', 'm'
            FROM unnest(ARRAY['0001-01-01 00:00:30+00', '0001-01-01 00:01:30+00', '0001-01-01 00:00:40+00'::timestamptz]) WITH ORDINALITY AS e (at, n);
            INSERT INTO log_counts (minute, events, partition, level) VALUES ('-infinity', 1, 0, 2), ('0001-01-01 00:01:00+00', 1, 0, 2), ('0001-01-01 00:00:00+00', 1, 0, 2)
            """);

        Assert.Equal(3, Assert.Single((await Planner().ReadAsync(CancellationToken.None)).Items).Rows);
        Assert.Equal(3, (await RunAsync()).Freed.Events);
        Assert.Empty((await Planner().ReadAsync(CancellationToken.None)).Items);
        Assert.Equal(0, await Database.CountAsync("SELECT count(*) FROM log_counts"));
    }

    [PostgresFact]
    public async Task Events_and_ids_beside_the_days_go_though_the_day_has_partitions_of_the_other_kind()
    {
        await FillAsync(-31, -10);
        await IdAsync(-31, stored: 0);
        await RunAsync();
        // The ids of the one day are there and its events are not; of the other it is the other way round.
        await AddAsync(-31, 5, stored: 0);
        await Database.ExecuteAsync(FormattableString.Invariant($"DROP TABLE IF EXISTS log_event_ids_{Today.AddDays(-10):yyyyMMdd}"));
        await IdAsync(-10, stored: -9);

        var run = await RunAsync();

        Assert.Equal((5L, 1L), (run.Freed.Events, run.Freed.Ids));
        Assert.Empty((await Planner().ReadAsync(CancellationToken.None)).Items);
        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM log_event_ids"));
    }

    [PostgresFact]
    public async Task A_day_whose_events_were_detached_loses_its_counts_and_what_came_for_it_later()
    {
        await FillAsync(-40, -5);
        foreach (var day in new[] { -40, -5 })
        {
            await Database.ExecuteAsync(FormattableString.Invariant($"ALTER TABLE log_events DETACH PARTITION log_events_{Today.AddDays(day):yyyyMMdd}"));
            await AddAsync(day, 4, stored: 0, onConflict: "ON CONFLICT (minute, partition, level) DO UPDATE SET events = log_counts.events + excluded.events");
        }

        var run = await RunAsync();

        Assert.Null(run.Error);
        // Of the other day those of level Debug.
        Assert.Equal(4 + 2, run.Freed.Events);
        Assert.Equal(2, await Database.CountAsync("SELECT count(*) FROM log_events"));
        Assert.Equal(12 + 2, await Database.CountAsync("SELECT sum(events) FROM log_counts"));
        Assert.Equal(12, await Database.CountAsync(FormattableString.Invariant($"SELECT count(*) FROM log_events_{Today.AddDays(-40):yyyyMMdd}")));
    }

    private static DateOnly Today => DateOnly.FromDateTime(DateTime.UtcNow);

    private RetentionPlanner Planner() => new(Database, _options, TimeProvider.System);

    private async Task<RetentionRun> RunAsync(RetentionPlanner? planner = null)
    {
        RetentionRun run = null!;
        await WithRetentionAsync(async retention =>
        {
            await using var turn = await RetentionTurn.TryTakeAsync(Database, CancellationToken.None);
            run = await retention.RunAsync(turn!, "test", CancellationToken.None);
        }, planner);
        return run;
    }

    private async Task WithRetentionAsync(Func<LogRetention, Task> work, RetentionPlanner? planner = null)
    {
        await using var services = new ServiceCollection().AddMetrics().AddSingleton<RetentionMetrics>().BuildServiceProvider();
        await work(new(Database, _options, planner ?? Planner(), new(Database), services.GetRequiredService<RetentionMetrics>(), TimeProvider.System, _log));
    }

    private async Task MakeDaysAsync(params int[] days)
    {
        foreach (var day in days)
        {
            await Database.CountAsync("SELECT make_log_day($1)::int", Today.AddDays(day));
        }
    }

    /// <summary>Twelve events on each of these days, half of them of level Debug.</summary>
    private async Task FillAsync(params int[] days)
    {
        await MakeDaysAsync(days);
        foreach (var day in days)
        {
            await AddAsync(day, 12, stored: day);
        }
    }

    /// <summary>Events with their counts, as the writer stores them.</summary>
    private Task<long> AddAsync(int day, int events, int stored, string onConflict = "") => Database.CountAsync(
        $"""
        WITH stored AS (
          INSERT INTO log_events (id, timestamp, "offset", stored_at, partition, level, source, key, message)
          SELECT gen_random_uuid(), ($1 + n * interval '7 s') , n, now() + $3 * interval '1 day', 0, CASE WHEN n % 2 = 0 THEN 1 ELSE 2 END, 's', 's', 'm' FROM generate_series(1, $2) AS n
          RETURNING timestamp, partition, level)
        INSERT INTO log_counts SELECT date_trunc('minute', timestamp, 'UTC'), count(*), partition, level FROM stored GROUP BY 1, 3, 4
        {onConflict}
        """,
        Today.AddDays(day).ToDateTime(new TimeOnly(0, 0), DateTimeKind.Utc), events, stored);

    private Task<long> IdAsync(int? day, int stored) => Database.CountAsync(
        "INSERT INTO log_event_ids VALUES (gen_random_uuid(), now(), 1, coalesce($1::date, '-infinity'), $2, 0, 1)",
        day is { } named ? Today.AddDays(named) : DBNull.Value, Today.AddDays(stored));

    private sealed class NoClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => throw new NotSupportedException("no clock");
    }
}
