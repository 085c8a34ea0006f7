using System.Diagnostics;
using System.Globalization;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using Npgsql;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>
/// Pages, a histogram and the dropping of a day, from the schemas <c>before</c> and <c>after</c> that hold the same events. In turn, so
/// that what else the machine does meets both alike.
/// </summary>
internal static class StoreReads
{
    private const int Runs = 50;

    /// <summary>After so long no further run of the same begins.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <param name="endOfData">The day after the last one that has events.</param>
    /// <param name="daysOfData">How many days have events.</param>
    public static async Task RunAsync(string endOfData, string daysOfData)
    {
        var end = DateTimeOffset.Parse(endOfData, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var begin = end.AddDays(-int.Parse(daysOfData, CultureInfo.InvariantCulture));
        await using var before = BenchDatabase.Open("before");
        await using var after = BenchDatabase.Open("after");
        var (old, query) = (new PageBefore(before), new LogQuery(after));
        (string Name, LogFilter Filter)[] pages =
        [
            ("the last 5 minutes", new() { From = end.AddMinutes(-5), To = end }),
            ("the last 4 hours", new() { From = end.AddHours(-4), To = end }),
            ("one rare source, all days", new() { From = begin, To = end, Source = "service-497" }),
            ("one frequent source, all days", new() { From = begin, To = end, Source = "service-0" }),
            ("errors of the last day", new() { From = end.AddDays(-1), To = end, MinLevel = Severity.Error }),
        ];

        Console.WriteLine($"Milliseconds, warm: the median and 99 of 100 of {Runs} runs in turn; fewer of what takes long, which the gateway ends after 10 s.");
        Console.WriteLine();
        Console.WriteLine("| a page of 100 | before | p99 | runs | after | p99 | runs | before / after |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (name, filter) in pages)
        {
            await CompareAsync(name, () => old.RunAsync(filter), () => query.RunAsync(filter, CancellationToken.None));
        }

        var (from, to) = (end.AddDays(-1).UtcDateTime, end.UtcDateTime);
        var counts = new LogHistogram(after);
        var histogram = await File.ReadAllTextAsync("bench/store/before/histogram.sql");
        await CompareAsync(
            "histogram of a day, by minute and level",
            () => ReadAllAsync(before, histogram, from, to),
            () => counts.RunAsync(new(new TimeRange(from, to), HistogramStep.All[0]), CancellationToken.None));
        Console.WriteLine();
        await DropDaysAsync(before, after, begin);
    }

    private static async Task CompareAsync(string name, Func<Task> before, Func<Task> after)
    {
        Console.Error.WriteLine($"  {name}");
        var (first, second) = (new Timings(), new Timings());
        await new Timings().MeasureAsync(before);
        await new Timings().MeasureAsync(after);
        while (Again(first) || Again(second))
        {
            await (Again(first) ? first.MeasureAsync(before) : Task.CompletedTask);
            await (Again(second) ? second.MeasureAsync(after) : Task.CompletedTask);
        }

        Console.WriteLine($"| {name} | {first.Cells()} | {first.Count} | {second.Cells()} | {second.Count} | {Ratio(first, second)} |");

        static bool Again(Timings timings) => timings.Count < Runs && timings.Total < s_patience.TotalMilliseconds;
    }

    /// <summary>The oldest days, one after the other.</summary>
    private static async Task DropDaysAsync(NpgsqlDataSource before, NpgsqlDataSource after, DateTimeOffset begin)
    {
        Console.Error.WriteLine("  the dropping of days");
        var delete = await File.ReadAllTextAsync("bench/store/before/drop-day.sql");
        var (first, second) = (new Timings(), new Timings());
        foreach (var day in Enumerable.Range(0, 3).Select(i => begin.AddDays(i)))
        {
            await first.MeasureAsync(() => before.ExecuteAsync(delete, day.UtcDateTime, day.AddDays(1).UtcDateTime));
            await second.MeasureAsync(() => after.ExecuteAsync(string.Create(
                CultureInfo.InvariantCulture, $"DROP TABLE log_events_{day:yyyyMMdd}, log_counts_{day:yyyyMMdd}, log_event_ids_{day:yyyyMMdd}")));
        }

        var vacuum = Stopwatch.StartNew();
        await before.ExecuteAsync("VACUUM log_events");
        Console.WriteLine($"The dropping of a day, median of {first.Count}: before {Timings.Text(first.Median)} ms, after {Timings.Text(second.Median)} ms, ratio {Ratio(first, second)}. Before, a VACUUM must free the room, which took {Timings.Text(vacuum.Elapsed.TotalMilliseconds)} ms, and gives the disk nothing back.");
        Console.WriteLine();
    }

    private static async Task ReadAllAsync(NpgsqlDataSource database, string sql, DateTime from, DateTime to)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
        }
    }

    private static string Ratio(Timings first, Timings second) => (first.Median / second.Median).ToString("#,0.#", CultureInfo.InvariantCulture);
}
