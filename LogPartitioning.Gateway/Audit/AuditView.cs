namespace LogPartitioning.Gateway.Audit;

/// <summary>Whether what was acknowledged is stored, once and in order: of the last hour, on real traffic.</summary>
/// <param name="Problem">Why there is no recent check; null where there is.</param>
/// <param name="Last">The last check.</param>
/// <param name="Alarms">What is not as promised, in words; empty when all is.</param>
/// <param name="Total">All sources together.</param>
/// <param name="Sources">The 100 sources of which most was looked at.</param>
/// <param name="Missing">The places of what was found missing, the newest first, at most 20.</param>
/// <param name="Canary">How long an event of the gateway's own takes until it can be read.</param>
internal sealed record AuditView(
    string? Problem, AuditCheck? Last, IReadOnlyList<string> Alarms, AuditCounts Total, IReadOnlyList<AuditedSource> Sources, IReadOnlyList<MissingRecord> Missing, CanaryView Canary)
{
    /// <summary>How many sources are told.</summary>
    public const int MostSources = 100;
}

/// <summary>What was found of a source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Counts">What was found.</param>
internal sealed record AuditedSource(string Source, AuditCounts Counts);

/// <summary>Round trips of the gateway's own events.</summary>
/// <param name="On">Whether any are sent.</param>
/// <param name="LastMs">The last one, in milliseconds; null when it did not come back, or none was sent.</param>
/// <param name="MedianMs">The median of the last 100.</param>
/// <param name="P99Ms">Their 99th percentile.</param>
/// <param name="Trips">The last ones, oldest first.</param>
internal sealed record CanaryView(bool On, double? LastMs, double? MedianMs, double? P99Ms, IReadOnlyList<CanaryTrip> Trips)
{
    public static CanaryView Of(IReadOnlyList<CanaryTrip> trips, TimeSpan interval)
    {
        var times = trips.Select(trip => trip.Ms).OfType<double>().Order().ToList();
        return new(
            interval > TimeSpan.Zero,
            trips.Count > 0 ? trips[^1].Ms : null,
            times.Count > 0 ? times[times.Count / 2] : null,
            times.Count > 0 ? times[Math.Min(times.Count - 1, (int)Math.Ceiling(0.99 * times.Count) - 1)] : null,
            trips);
    }
}
