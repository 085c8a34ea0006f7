using LogPartitioning.Core.Events;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Traffic;

/// <summary>Made-up events of a number of sources; one of them may be hot.</summary>
internal sealed record SyntheticTraffic : ITraffic
{
    /// <summary>Events in all, from 1; null for no end of its own.</summary>
    public long? Events { get; init; } = 10_000;

    /// <summary>Log sources, 1 to 1,000,000.</summary>
    public int Sources { get; init; } = 8;

    /// <summary>Source i is named <c>{SourcePrefix}-{i}</c>, from 1. 1 to 200 characters.</summary>
    public string SourcePrefix { get; init; } = "load";

    /// <summary>Events per second over all sources; 0 for as fast as they are acknowledged.</summary>
    public double Rate { get; init; }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public SendingOptions Sending { get; init; } = new();

    /// <inheritdoc/>
    public string Description => (Events, Duration) switch
    {
        ({ } events, null) => $"{events:N0} events from {Sources:N0} sources",
        ({ } events, { } duration) => $"at most {events:N0} events for {duration.TotalSeconds:0.#} s from {Sources:N0} sources",
        (null, { } duration) => $"events for {duration.TotalSeconds:0.#} s from {Sources:N0} sources",
        _ => $"events from {Sources:N0} sources",
    };

    /// <inheritdoc/>
    public IEnumerable<string> Problems() => Sending.Problems().Concat(new[]
    {
        Events is null or >= 1 ? null : $"The number of events must be at least 1; it is {Events}.",
        Sources is >= 1 and <= 1_000_000 ? null : $"The number of sources must be 1 to 1,000,000; it is {Sources}.",
        SourcePrefix.Length is >= 1 and <= 200 && !SourcePrefix.Any(char.IsControl) ? null
            : "The sources' prefix must be 1 to 200 characters without control characters.",
        double.IsFinite(Rate) && Rate >= 0 ? null : $"The rate must be 0 or more events per second; it is {Rate}.",
        Duration is null || Duration > TimeSpan.Zero ? null : "The duration must be above 0.",
        MessageBytes is >= 1 and <= EventRules.MaxMessageBytes ? null : $"The message must be 1 to 65,536 bytes; it is {MessageBytes}.",
        HotShare is >= 0 and < 1 ? null : $"The hot source's share must be from 0% to below 100%; it is {HotShare:P0}.",
        HotSource is null || HotShare != 0 ? null
            : "A hot source without a share: give the share of the load that comes from it as well.",
        HotSource is null || EventRules.BrokenBySource(HotSource) is not { } rule ? null : $"The hot source's name {rule}.",
    }.OfType<string>());

    /// <inheritdoc/>
    public IEnumerable<IEventLane> Lanes(TimeProvider time) =>
        LoadPlan.Lanes(LoadPlan.Sources(this), Sending.Concurrency, firstIsHot: HotShare > 0)
            .Select(sources => new SyntheticLane(this, sources, time));

    /// <inheritdoc/>
    public double Fraction(LoadStatistics statistics)
    {
        var byEvents = (double?)(statistics.Acknowledged + statistics.Rejected + statistics.Unknown) / Events ?? 0;
        var byTime = statistics.Elapsed / Duration ?? 0;
        return Math.Min(1, Math.Max(byEvents, byTime));
    }
}
