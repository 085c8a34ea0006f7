using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using LogPartitioning.Benchmarks.Events;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;
using OpenTelemetry.Proto.Logs.V1;

namespace LogPartitioning.Benchmarks.Ingest;

/// <summary>Events over HTTP as fast as they are taken, on a number of connections with one request at a time each.</summary>
internal static class Load
{
    private const int BatchSize = 500;

    /// <summary>So many bodies are prepared; then the first comes again, which is another event, since none names an id.</summary>
    private const int Prepared = 200;

    /// <summary>
    /// Sends events: in the form <c>batch</c> as NDJSON bodies of 500, in the form <c>otlp</c> as requests of OTLP with 500 records, else one a request; and writes a line of what came
    /// out: events, ms, of a request the p50, p99 and most in µs, and the hundredths of a second of processor time that sending took.
    /// </summary>
    public static async Task RunAsync(string server, string form, string connections, string events)
    {
        var target = new Uri(server);
        var batch = form != "single";
        var count = int.Parse(events, CultureInfo.InvariantCulture);
        var requests = form == "otlp" ? PrepareOtlp(target) : Prepare(target, batch);
        var latencies = new long[batch ? (count + BatchSize - 1) / BatchSize : count];
        var clients = Enumerable.Range(0, Math.Min(int.Parse(connections, CultureInfo.InvariantCulture), latencies.Length)).Select(_ => new LoadConnection()).ToList();
        await Task.WhenAll(clients.Select(client => client.ConnectAsync(target)));

        var next = -1;
        var processor = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(clients.Select(client => Task.Run(() => SendAsync(client))));
        var took = Stopwatch.GetElapsedTime(started);
        processor = Environment.CpuUsage.TotalTime - processor;
        clients.ForEach(client => client.Dispose());

        Array.Sort(latencies);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{latencies.LongLength * (batch ? BatchSize : 1)},{took.TotalMilliseconds:0},{At(latencies, 0.5):0},{At(latencies, 0.99):0},{At(latencies, 1):0},{processor.TotalMilliseconds / 10:0}"));

        async Task SendAsync(LoadConnection client)
        {
            while (Interlocked.Increment(ref next) is var i && i < latencies.Length)
            {
                var sent = Stopwatch.GetTimestamp();
                await client.SendAsync(requests[i % requests.Length]);
                latencies[i] = Stopwatch.GetTimestamp() - sent;
            }
        }
    }

    /// <summary>A share of sorted times, in µs.</summary>
    public static double At(long[] sorted, double share) =>
        Stopwatch.GetElapsedTime(0, sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)]).TotalMicroseconds;

    /// <summary>Keys and values of records as the producer would write them, a line each, with a tab between the two.</summary>
    public static async Task WriteRecordsAsync(string file, string events)
    {
        var count = int.Parse(events, CultureInfo.InvariantCulture);
        var random = new Random(1);
        await using var output = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 20);
        for (var i = 0; i < count; i++)
        {
            var logEvent = BenchEvents.Next(random, i, DateTimeOffset.UtcNow) with { Id = Guid.CreateVersion7() };
            output.Write(Encoding.UTF8.GetBytes(logEvent.Source));
            output.WriteByte((byte)'\t');
            output.Write(LogEventJson.Serialize(logEvent));
            output.WriteByte((byte)'\n');
        }
    }

    /// <summary>An event as a client sends it: without id and time.</summary>
    public static byte[] Body(LogEvent logEvent) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        source = logEvent.Source,
        level = logEvent.Level.ToString(),
        message = logEvent.Message,
        attributes = JsonSerializer.Deserialize<JsonElement>(logEvent.Attributes!),
    });

    /// <summary>What the same events are in OTLP: each source is a service, so a request has a resource for each that is in it.</summary>
    private static byte[][] PrepareOtlp(Uri server)
    {
        var random = new Random(1);
        var number = 0;
        return [.. Enumerable.Range(0, Prepared).Select(_ => LoadConnection.Post(server, "/v1/logs", "application/x-protobuf", Request().ToByteArray()))];
        LogsData Request() => OtlpRecord.Together(Enumerable.Range(0, BatchSize).Select(_ => OtlpRecord.From(BenchEvents.Next(random, number++, DateTimeOffset.UtcNow))));
    }

    private static byte[][] Prepare(Uri server, bool batch)
    {
        var random = new Random(1);
        var number = 0;
        return [.. Enumerable.Range(0, batch ? Prepared : Prepared * BatchSize / 10).Select(_ => batch
            ? LoadConnection.Post(server, "/api/logs", "application/x-ndjson", (byte[])[.. Enumerable.Range(0, BatchSize).SelectMany(_ => (byte[])[.. Next(), (byte)'\n'])])
            : LoadConnection.Post(server, "/api/logs", "application/json", Next()))];
        byte[] Next() => Body(BenchEvents.Next(random, number++, default));
    }
}
