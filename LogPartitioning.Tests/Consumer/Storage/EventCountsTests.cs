using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Servers;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Consumer.Storage;

[Collection(PostgresTests.Name)]
public sealed class EventCountsTests(PostgresServer server) : DatabaseTest(server)
{
    private LogStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _store = new(Database, "group", "topic");
    }

    [PostgresFact]
    public async Task The_counts_are_those_of_the_rows()
    {
        var claims = await _store.ClaimAsync([0, 1, 2], "a", null, CancellationToken.None);
        var random = new Random(7);
        var events = Enumerable.Range(0, 600).Select(_ => Event(
            source: $"source-{random.Next(9)}", level: (Severity)random.Next(6), at: Start.AddSeconds(random.Next(3 * 24 * 3600)))).ToList();
        await Task.WhenAll(claims.Select(async claim =>
        {
            for (var offset = 0; offset < 600; offset += 100)
            {
                // A third of them comes through each of two partitions.
                var records = Enumerable.Range(offset, 100).Select(i => Record(i, events[(i + (claim.Partition * 400)) % 600])).ToArray();
                Assert.True((await _store.WriteAsync(Batch(claim, offset, records))).Committed);
            }
        }));

        Assert.Equal(600, await Database.CountAsync("SELECT count(*) FROM log_events"));
        Assert.Equal(0, await Database.CountAsync("""
            SELECT count(*) FROM log_counts
            FULL JOIN (SELECT date_trunc('minute', timestamp) AS minute, partition, level, count(*) AS events FROM log_events GROUP BY 1, 2, 3) AS rows
              USING (minute, partition, level)
            WHERE log_counts.events IS DISTINCT FROM rows.events
            """));
    }

    [PostgresFact]
    public async Task Events_at_both_ends_of_time_are_stored_and_counted_where_they_are()
    {
        var claim = await _store.ClaimAsync(0);
        DateTimeOffset[] times =
        [
            new DateTimeOffset(DateTime.MinValue, TimeSpan.Zero).AddTicks(TimeSpan.TicksPerMicrosecond),
            new DateTimeOffset(DateTime.MinValue, TimeSpan.Zero).AddSeconds(90),
            DateTimeOffset.UnixEpoch.AddTicks(-TimeSpan.TicksPerMicrosecond),
            new(new DateTime(9999, 12, 31, 23, 59, 59, 999, 999, DateTimeKind.Utc)),
        ];

        Assert.True((await _store.WriteAsync(Batch(claim, 0, [.. times.Select((time, i) => Record(i, Event(at: time)))]))).Committed);

        Assert.Equal(
            ["0001-01-01 00:00:00.000001", "0001-01-01 00:01:30", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"],
            await Database.ListAsync<string>("SELECT (timestamp AT TIME ZONE 'UTC')::text FROM log_events ORDER BY 1"));
        Assert.Equal(
            ["0001-01-01 00:00:00", "0001-01-01 00:01:00", "1969-12-31 23:59:00", "9999-12-31 23:59:00"],
            await Database.ListAsync<string>("SELECT (minute AT TIME ZONE 'UTC')::text FROM log_counts ORDER BY 1"));
    }
}
