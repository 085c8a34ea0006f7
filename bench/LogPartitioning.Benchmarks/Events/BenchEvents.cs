using LogPartitioning.Core.Events;

namespace LogPartitioning.Benchmarks.Events;

/// <summary>The events of every part: 96 sources, a message of some 30 characters, one attribute.</summary>
internal static class BenchEvents
{
    private const int Sources = 96;

    /// <summary>The next event, with an id that names no day, so that a peer has no day to find out.</summary>
    public static LogEvent Next(Random random, int number, DateTimeOffset at) => new(
        Guid.NewGuid(),
        $"service-{random.Next(Sources)}",
        random.Next(20) switch { < 17 => Severity.Information, < 19 => Severity.Warning, _ => Severity.Error },
        $"order {number} handled in {random.Next(900)} ms",
        at,
        $$"""{"orderId":"{{number}}"}""");

    /// <summary>Bytes of a record's value, of a thousand on average.</summary>
    public static int AverageSize()
    {
        var random = new Random(1);
        return Enumerable.Range(100_000, 1_000).Sum(i => LogEventJson.Serialize(Next(random, i, At(i))).Length) / 1_000;
        static DateTimeOffset At(int number) => DateTimeOffset.UnixEpoch.AddMicroseconds(number);
    }
}
