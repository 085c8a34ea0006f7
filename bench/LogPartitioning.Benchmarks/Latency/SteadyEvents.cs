using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LogPartitioning.Benchmarks.Events;
using LogPartitioning.Benchmarks.Ingest;

namespace LogPartitioning.Benchmarks.Latency;

/// <summary>
/// Single events at a steady rate, and how long each takes until it is acknowledged and until it can be read. The clock of an event
/// starts when it was due, not when a connection was free for it: a service that stands still is not asked less by that.
/// </summary>
internal static class SteadyEvents
{
    private const int Connections = 64;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Writes a line: events, polls, ms of all; then p50, p99 and most in µs of due to acknowledged, and of due to stored. Without a database the
    /// answer itself says that the event is stored.
    /// </summary>
    public static async Task RunAsync(string server, string? database, string topic, string events, string eventsPerSecond)
    {
        var target = new Uri(server);
        var count = int.Parse(events, CultureInfo.InvariantCulture);
        var rate = int.Parse(eventsPerSecond, CultureInfo.InvariantCulture);
        var random = new Random(1);
        var requests = Enumerable.Range(0, count)
            .Select(i => LoadConnection.Post(target, "/api/logs", "application/json", Load.Body(BenchEvents.Next(random, i, default)))).ToArray();
        var places = new (int Partition, long Offset)[count];
        var due = new long[count];
        var acknowledged = new long[count];
        var clients = Enumerable.Range(0, Connections).Select(_ => new LoadConnection()).ToList();
        await Task.WhenAll(clients.Select(client => client.ConnectAsync(target)));
        await using var positions = database is null ? null : new StoredPositions(database, topic, s_poll);
        positions?.Start();

        var next = -1;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(clients.Select(client => Task.Run(() => SendAsync(client))));
        clients.ForEach(client => client.Dispose());
        if (positions is null)
        {
            Write(0, Elapsed(acknowledged), Elapsed(acknowledged));
            return;
        }

        var end = places.GroupBy(place => place.Partition).ToDictionary(partition => partition.Key, partition => partition.Max(place => place.Offset));
        while (positions.Moves() is var moves && end.Any(partition => !moves.TryGetValue(partition.Key, out var moved) || moved[^1].Next <= partition.Value))
        {
            if (Stopwatch.GetElapsedTime(acknowledged.Max()) > s_patience)
            {
                throw new TimeoutException($"Acknowledged events are not stored after {s_patience.TotalSeconds} s.");
            }

            await Task.Delay(50);
        }

        await positions.StopAsync();
        var all = positions.Moves();
        Write(positions.Polls, Elapsed(acknowledged), Elapsed([.. places.Select(place => all[place.Partition].First(move => move.Next > place.Offset).Time)]));

        async Task SendAsync(LoadConnection client)
        {
            while (Interlocked.Increment(ref next) is var i && i < count)
            {
                due[i] = started + (long)((double)i * Stopwatch.Frequency / rate);
                if (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due[i]) is var early && early > TimeSpan.Zero)
                {
                    await Task.Delay(early);
                }

                await client.SendAsync(requests[i]);
                acknowledged[i] = Stopwatch.GetTimestamp();
                places[i] = positions is null ? default : Place(client.Body);
            }
        }

        long[] Elapsed(long[] times)
        {
            var elapsed = times.Select((time, i) => time - due[i]).ToArray();
            Array.Sort(elapsed);
            return elapsed;
        }

        void Write(int polls, long[] toAnswer, long[] toStore) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{count},{polls},{Stopwatch.GetElapsedTime(started).TotalMilliseconds:0},{Load.At(toAnswer, 0.5):0},{Load.At(toAnswer, 0.99):0},{Load.At(toAnswer, 1):0},{Load.At(toStore, 0.5):0},{Load.At(toStore, 0.99):0},{Load.At(toStore, 1):0}"));
    }

    private static (int Partition, long Offset) Place(ReadOnlySpan<byte> body)
    {
        // In one chunk where it is in chunks: between its length and the last one.
        var (begin, end) = (body.IndexOf((byte)'{'), body.LastIndexOf((byte)'}'));
        var reader = new Utf8JsonReader(body[begin..(end + 1)]);
        var answer = JsonElement.ParseValue(ref reader);
        return (answer.GetProperty("partition").GetInt32(), answer.GetProperty("offset").GetInt64());
    }
}
