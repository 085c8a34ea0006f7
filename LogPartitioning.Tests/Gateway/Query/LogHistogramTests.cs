using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Tests.Servers;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Gateway.Query;

[Collection(PostgresTests.Name)]
public sealed class LogHistogramTests(PostgresServer server) : DatabaseTest(server)
{
    [PostgresFact]
    public async Task The_counts_are_those_of_the_events()
    {
        var random = new Random(19);
        await Database.MakeDaysAsync(Start.AddDays(-2), 3);
        var events = new List<LogEvent>();
        for (var partition = 0; partition < 4; partition++)
        {
            // On days that are made and beyond them, and before 1970.
            LogEvent[] more =
            [
                .. Enumerable.Range(0, 1_000).Select(i => Event($"s{random.Next(3)}", level: (Severity)random.Next(6), at: Start.AddSeconds(random.Next(-300_000, 300_000)).AddMicroseconds(random.Next(1_000_000)))),
                .. Enumerable.Range(0, 50).Select(i => Event("s0", level: (Severity)random.Next(6), at: DateTimeOffset.UnixEpoch.AddSeconds(random.Next(-100_000, 100_000)))),
            ];
            await Database.StoreRowsAsync(partition, more);
            events.AddRange(more);
        }

        await Database.CountMinutesAsync();
        for (var i = 0; i < 60; i++)
        {
            var around = i % 6 == 0 ? DateTimeOffset.UnixEpoch : Start;
            var from = around.UtcDateTime.AddSeconds(random.Next(-400_000, 300_000));
            var range = HistogramStep.WholeMinutes(new(from, from.AddSeconds(random.Next(1, 400_000))));
            var step = i % 2 == 0 ? HistogramStep.FinestFor(range) : HistogramStep.All[random.Next(2, 4)];
            var filter = new HistogramFilter(range, step)
            {
                Source = random.Next(2) == 0 ? null : $"s{random.Next(3)}",
                Level = random.Next(3) == 0 ? (Severity)random.Next(6) : null,
                MinLevel = random.Next(3) == 0 ? (Severity)random.Next(6) : null,
            };

            var buckets = await new LogHistogram(Database).RunAsync(filter, CancellationToken.None);

            var expected = events
                .Where(e => e.Timestamp.UtcDateTime >= range.From && e.Timestamp.UtcDateTime < range.To
                    && (filter.Source is null || e.Source == filter.Source) && (filter.Level is null || e.Level == filter.Level) && (filter.MinLevel is null || e.Level >= filter.MinLevel))
                .GroupBy(e => (step.StartOf(e.Timestamp.UtcDateTime), e.Level)).ToDictionary(group => group.Key, group => group.LongCount());
            var found = buckets
                .SelectMany(bucket => bucket.Levels.Select((count, level) => (Key: (bucket.From, (Severity)level), count)))
                .Where(count => count.count > 0).ToDictionary(count => count.Key, count => count.count);
            Assert.Equal(expected.OrderBy(count => count.Key), found.OrderBy(count => count.Key));
            Assert.Equal(step.BucketsIn(range), buckets.Count);
            Assert.All(buckets.Zip(buckets.Skip(1)), pair => Assert.Equal(step.Length, pair.Second.From - pair.First.From));
        }
    }

    [PostgresFact]
    public async Task A_count_that_takes_too_long_is_cancelled()
    {
        await Database.StoreRowsAsync(0, [.. Enumerable.Range(0, 10_000).Select(_ => Event("s"))]);
        var histogram = new LogHistogram(Database) { StatementTimeout = TimeSpan.FromMilliseconds(1) };
        var range = new TimeRange(Start.UtcDateTime, Start.UtcDateTime.AddHours(1));

        await Assert.ThrowsAsync<TimeoutException>(() => histogram.RunAsync(new(range, HistogramStep.All[0]) { Source = "s" }, CancellationToken.None));
    }
}
