using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using LogPartitioning.Benchmarks.Events;
using LogPartitioning.Benchmarks.Latency;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Benchmarks.Rebalance;

/// <summary>
/// A steady stream of records into every partition, and how long each partition's position stands still meanwhile. What happens to the
/// group is told on standard input: a line begins a phase of that name, and the end of input ends the last one.
/// </summary>
internal static class StandStill
{
    private const int Partitions = 12;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Less is the rhythm of batches.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Writes a line for each phase: its name, how many partitions stood still, the median of these and the longest, in ms.</summary>
    public static async Task RunAsync(string servers, string topic, string database, string eventsPerSecond)
    {
        var rate = int.Parse(eventsPerSecond, CultureInfo.InvariantCulture);
        using var stop = new CancellationTokenSource();
        await using var positions = new StoredPositions(database, topic, s_poll);
        positions.Start();
        var producing = Task.Run(() => ProduceAsync(servers, topic, rate, stop.Token));
        var phases = new List<(string Name, long Begin)>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            phases.Add((line, Stopwatch.GetTimestamp()));
        }

        var end = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        var sent = await producing;
        var began = Stopwatch.StartNew();
        while (positions.Total < sent)
        {
            if (began.Elapsed > s_patience)
            {
                throw new TimeoutException($"{positions.Total} of {sent} events are stored {s_patience.TotalMinutes} minutes after the last one.");
            }

            await Task.Delay(50);
        }

        await positions.StopAsync();
        var moves = positions.Moves();
        for (var i = 0; i < phases.Count; i++)
        {
            var until = i + 1 < phases.Count ? phases[i + 1].Begin : end;
            var longest = moves.Values.Select(partition => Longest(partition, phases[i].Begin, until)).Order().ToList();
            var paused = longest.Where(time => time >= s_pause).ToList();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{phases[i].Name},{paused.Count},{(paused.Count == 0 ? "" : paused[paused.Count / 2].TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture))},{longest[^1].TotalMilliseconds:0}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sent,{sent}"));
    }

    /// <summary>The longest time between two moves of which the second is in the phase, or between the last one and the phase's end.</summary>
    private static TimeSpan Longest(List<(long Time, long Next)> moves, long begin, long end)
    {
        var times = moves.Select(move => move.Time).Where(time => time < end).Append(end).ToList();
        return Enumerable.Range(1, times.Count - 1).Where(i => times[i] >= begin)
            .Select(i => Stopwatch.GetElapsedTime(Math.Max(times[i - 1], begin), times[i])).Max();
    }

    private static async Task<long> ProduceAsync(string servers, string topic, int rate, CancellationToken stop)
    {
        // A source for each partition.
        var sources = Enumerable.Range(0, 10_000).Select(i => $"service-{i}").GroupBy(source => KeyPartitioner.PartitionOf(source, Partitions)).OrderBy(partition => partition.Key).Select(partition => partition.First()).ToList();
        using var producer = Backlog.NewProducer(servers, lingerMs: 5);
        var random = new Random(1);
        var failure = (Error?)null;
        var started = Stopwatch.GetTimestamp();
        var sent = 0;
        while (!stop.IsCancellationRequested && failure is null)
        {
            for (var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate); sent < due; sent++)
            {
                var logEvent = BenchEvents.Next(random, sent, DateTimeOffset.UtcNow) with { Source = sources[sent % Partitions] };
                producer.Produce(topic, new() { Key = logEvent.Source, Value = LogEventJson.Serialize(logEvent) }, report => failure = report.Error.IsError ? report.Error : failure);
            }

            await Task.Delay(10, CancellationToken.None);
        }

        producer.Flush(TimeSpan.FromSeconds(30));
        return failure is null ? sent : throw new KafkaException(failure);
    }
}
