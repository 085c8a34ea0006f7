using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>How a running system is checked.</summary>
public sealed record CheckOptions
{
    /// <summary>Sources sent for the distribution, 100 to 100,000: fewer say nothing about a spread.</summary>
    public int Sources { get; init; } = 600;

    /// <summary>Events of each of them, 1 to 1,000.</summary>
    public int EventsPerSource { get; init; } = 10;

    /// <summary>How long the consumers may take to pass what was sent.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Events per second of the load with a hot source.</summary>
    public double HotRate { get; init; } = 300;

    /// <summary>Share of that load that comes from the hot source, above 0 and below 1.</summary>
    public double HotShare { get; init; } = 0.6;

    /// <summary>How long that load may run until the source is named; null leaves this check out.</summary>
    public TimeSpan? HotTime { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>How requests are made.</summary>
    public SendingOptions Sending { get; init; } = new();

    /// <summary>Everything that is wrong with these options, in words; none when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var problem in Sending.Problems())
        {
            yield return problem;
        }

        if (Sources is < 100 or > 100_000)
        {
            yield return $"The number of sources must be 100 to 100,000; it is {Sources}.";
        }

        if (EventsPerSource is < 1 or > 1_000)
        {
            yield return $"The events of each source must be 1 to 1,000; it is {EventsPerSource}.";
        }

        if (HotShare is not (> 0 and < 1))
        {
            yield return $"The hot source's share must be above 0% and below 100%; it is {HotShare:P0}.";
        }

        if (!(HotRate > 0) || !double.IsFinite(HotRate))
        {
            yield return $"The rate must be above 0 events per second; it is {HotRate}.";
        }
    }
}
