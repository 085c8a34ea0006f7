using System.Text.Json;
using BenchmarkDotNet.Attributes;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Benchmarks;

/// <summary>Reading and writing a record's value, beside what a serializer with a plain class does.</summary>
[MemoryDiagnoser]
public class EventJsonBenchmarks
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private readonly LogEvent _event = new(
        Guid.CreateVersion7(), "checkout-7", Severity.Information,
        "GET /orders/4711 200 in 37 ms cache=hit region=eu-1 retry=0 db=12ms tls=1.3 ab=on zone=b user=12345 session=abcdef",
        new DateTimeOffset(2026, 11, 22, 7, 0, 0, 123, TimeSpan.Zero), """{"orderId":"42","amount":12.5}""");

    private byte[] _json = [];

    [GlobalSetup]
    public void Prepare() => _json = LogEventJson.Serialize(_event);

    [Benchmark]
    public byte[] Serialize() => LogEventJson.Serialize(_event);

    [Benchmark]
    public bool Parse() => LogEventJson.TryParseRecord(_json, out _, out _);

    /// <summary>The comparison: no rule is checked.</summary>
    [Benchmark(Baseline = true)]
    public object? ParseWithSerializer() => JsonSerializer.Deserialize<PlainEvent>(_json, Web);

    private sealed record PlainEvent(
        Guid Id, string Source, string Level, string Message, DateTimeOffset Timestamp, Dictionary<string, JsonElement>? Attributes);
}
