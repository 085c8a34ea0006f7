using LogPartitioning.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Consumer.Storage;

[Collection(PostgresTests.Name)]
public sealed class DayPartitionsTests(PostgresServer server) : DatabaseTest(server)
{
    private readonly LogLines _log = new();
    private LogStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _store = new(Database, "group", "topic", new(Database, new(), TimeProvider.System, _log));
    }

    [PostgresFact]
    public async Task Each_event_lies_in_its_day_and_what_is_too_old_or_too_early_beside_the_days()
    {
        var claim = await _store.ClaimAsync(0);
        var today = DateTimeOffset.UtcNow.Date;
        int[] days = [0, -1, -30, 2, -31, 3, -9000];
        var records = days.Select((day, i) => Record(i, Event(at: new(today.AddDays(day).AddHours(12), TimeSpan.Zero)))).ToArray();

        Assert.True((await _store.WriteAsync(Batch(claim, 0, records))).Committed);

        Assert.Equal(
            [.. days.Select(day => day is < -30 or > 2 ? "log_events_other" : $"log_events_{today.AddDays(day):yyyyMMdd}")],
            await Database.ListAsync<string>("""SELECT tableoid::regclass::text FROM log_events ORDER BY "offset" """));
        Assert.Equal(days.Length, await Database.CountAsync("SELECT sum(events) FROM log_counts"));
    }

    [PostgresFact]
    public async Task An_event_whose_day_cannot_be_made_is_stored_beside_the_days_and_moves_later()
    {
        var claim = await _store.ClaimAsync(0);
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // As an operator's ALTER TABLE does that waits for its own commit; writers get past it.
        await using var ddl = new NpgsqlCommand("LOCK TABLE log_events IN SHARE UPDATE EXCLUSIVE MODE", connection, transaction);
        await ddl.ExecuteNonQueryAsync();

        var now = DateTimeOffset.UtcNow;
        Assert.True((await _store.WriteAsync(Batch(claim, 0, Record(0, Event(at: now))))).Committed);

        Assert.Contains(_log.All, line => line.Contains("stored beside the days meanwhile", StringComparison.Ordinal));
        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM log_events_other"));
        await transaction.RollbackAsync();
        await Database.ExecuteAsync(FormattableString.Invariant($"SELECT make_log_day('{now:yyyy-MM-dd}')"));
        Assert.Equal(0, await Database.CountAsync("SELECT count(*) FROM log_events_other"));
        Assert.Equal([0], await Database.OffsetsAsync(0));
        Assert.Equal(1, await Database.CountAsync("SELECT sum(events) FROM log_counts"));
    }

    [PostgresFact]
    public async Task Many_writers_may_make_the_same_day_at_once()
    {
        var claims = await _store.ClaimAsync([.. Enumerable.Range(0, 6)], "a", null, CancellationToken.None);
        var now = DateTimeOffset.UtcNow;

        await Task.WhenAll(claims.Select(async claim =>
        {
            var store = new LogStore(Database, "group", "topic", new(Database, new(), TimeProvider.System, _log));
            Assert.True((await store.WriteAsync(Batch(claim, 0, Record(0, Event(at: now))))).Committed);
        }));

        Assert.Equal(6, await Database.CountAsync(FormattableString.Invariant($"SELECT count(*) FROM log_events_{now:yyyyMMdd}")));
        Assert.DoesNotContain(_log.All, line => line.Contains("could be made", StringComparison.Ordinal));
    }

    [PostgresFact]
    public async Task A_day_that_somebody_detached_keeps_no_other_from_being_made()
    {
        var claim = await _store.ClaimAsync(0);
        var now = DateTimeOffset.UtcNow;
        var kept = FormattableString.Invariant($"log_events_{now.AddDays(-2):yyyyMMdd}");
        await Database.ExecuteAsync(FormattableString.Invariant($"SELECT make_log_day('{now.AddDays(-2):yyyy-MM-dd}')"));
        await Database.ExecuteAsync($"ALTER TABLE log_events DETACH PARTITION {kept}");

        Assert.True((await _store.WriteAsync(Batch(claim, 0, Record(0, Event(at: now.AddDays(-2))), Record(1, Event(at: now.AddDays(-1)))))).Committed);

        Assert.Equal(
            ["log_events_other", FormattableString.Invariant($"log_events_{now.AddDays(-1):yyyyMMdd}")],
            await Database.ListAsync<string>("""SELECT tableoid::regclass::text FROM log_events ORDER BY "offset" """));
        Assert.Equal(0, await Database.CountAsync($"SELECT count(*) FROM {kept}"));
    }
}
