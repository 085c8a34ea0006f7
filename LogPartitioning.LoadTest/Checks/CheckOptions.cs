using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>How a running system is checked.</summary>
internal sealed record CheckOptions
{
    /// <summary>Sources sent for the distribution, 100 to 100,000: fewer say nothing about a spread.</summary>
    public int Sources { get; init; } = 600;

    /// <summary>How long the consumers may take to pass what was sent.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Events per second of the load with a hot source.</summary>
    public double HotRate { get; init; } = 300;

    /// <summary>How long that load may run until the source is named; null leaves this check out.</summary>
    public TimeSpan? HotTime { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How requests are made.</summary>
    public SendingOptions Sending { get; init; } = new();

    /// <summary>Everything that is wrong with these options, in words; none when they are valid.</summary>
    public IEnumerable<string> Problems() => Sending.Problems().Concat(new[]
    {
        Sources is >= 100 and <= 100_000 ? null : $"The number of sources must be 100 to 100,000; it is {Sources}.",
        HotRate > 0 && double.IsFinite(HotRate) ? null : $"The rate must be above 0 events per second; it is {HotRate}.",
    }.OfType<string>());
}
