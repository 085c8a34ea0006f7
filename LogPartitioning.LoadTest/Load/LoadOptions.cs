using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Load;

/// <summary>The load to make.</summary>
public sealed record LoadOptions
{
    /// <summary>Events in all, from 1; null for no end of its own.</summary>
    public long? Events { get; init; } = 10_000;

    /// <summary>Log sources, 1 to 1,000,000.</summary>
    public int Sources { get; init; } = 8;

    /// <summary>Source i is named <c>{SourcePrefix}-{i}</c>, from 1. 1 to 200 characters.</summary>
    public string SourcePrefix { get; init; } = "load";

    /// <summary>Events per second over all sources; 0 for as fast as they are acknowledged.</summary>
    public double Rate { get; init; }

    /// <summary>Ends the load after this time; null for no limit.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Length of a message in bytes, 1 to 65,536.</summary>
    public int MessageBytes { get; init; } = 120;

    /// <summary>Share of the load that comes from one source, from 0 (even load) to below 1.</summary>
    public double HotShare { get; init; }

    /// <summary>The name of that source; null for the first one.</summary>
    public string? HotSource { get; init; }

    /// <summary>
    /// Two runs with the same seed and the same numbers make the same sources, levels and messages in the same order;
    /// ids and timestamps are always new.
    /// </summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Gives an event's timestamp from the present time and its sequence in its source; null for the present time.
    /// </summary>
    public Func<DateTimeOffset, long, DateTimeOffset>? Timestamp { get; init; }

    /// <summary>How requests are made.</summary>
    public SendingOptions Sending { get; init; } = new();

    /// <summary>Everything that is wrong with these options, in words; none when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var problem in Sending.Problems())
        {
            yield return problem;
        }

        if (Events < 1)
        {
            yield return $"The number of events must be at least 1; it is {Events}.";
        }

        if (Sources is < 1 or > 1_000_000)
        {
            yield return $"The number of sources must be 1 to 1,000,000; it is {Sources}.";
        }

        if (SourcePrefix.Length is < 1 or > 200 || SourcePrefix.Any(char.IsControl))
        {
            yield return "The sources' prefix must be 1 to 200 characters without control characters.";
        }

        if (!double.IsFinite(Rate) || Rate < 0)
        {
            yield return $"The rate must be 0 or more events per second; it is {Rate}.";
        }

        if (Duration <= TimeSpan.Zero)
        {
            yield return "The duration must be above 0.";
        }

        if (MessageBytes is < 1 or > 64 * 1024)
        {
            yield return $"The message must be 1 to 65,536 bytes; it is {MessageBytes}.";
        }

        if (HotShare is not (>= 0 and < 1))
        {
            yield return $"The hot source's share must be from 0% to below 100%; it is {HotShare:P0}.";
        }

        if (HotSource is not null && HotShare == 0)
        {
            yield return "A hot source without a share: give the share of the load that comes from it as well.";
        }

        if (HotSource is { Length: < 1 or > 255 } || HotSource?.Any(char.IsControl) == true)
        {
            yield return "The hot source's name must be 1 to 255 characters without control characters.";
        }
    }
}
