namespace LogPartitioning.LoadTest.Traffic;

/// <summary>A source's part of the load.</summary>
/// <param name="Name">The source.</param>
/// <param name="Weight">Its share of the whole, 0 to 1.</param>
/// <param name="Quota">Its events; null for no end.</param>
internal sealed record PlannedSource(string Name, double Weight, long? Quota);

/// <summary>
/// Which source sends how many events, and through which lane. The same settings give the same plan.
/// </summary>
internal static class LoadPlan
{
    /// <summary>The sources, a hot one first.</summary>
    public static IReadOnlyList<PlannedSource> Sources(SyntheticTraffic traffic)
    {
        var names = Enumerable.Range(1, traffic.Sources).Select(i => $"{traffic.SourcePrefix}-{i}");
        if (traffic.HotShare > 0)
        {
            var hot = traffic.HotSource ?? names.First();
            names = names.Where(name => name != hot).Prepend(hot).Take(traffic.Sources);
        }

        var planned = new List<PlannedSource>();
        var hotShare = traffic is { HotShare: > 0, Sources: > 1 } ? traffic.HotShare : 1.0 / traffic.Sources;
        var otherShare = (1 - hotShare) / Math.Max(1, traffic.Sources - 1);
        var before = 0L;
        foreach (var name in names)
        {
            // Each quota ends where the shares so far end, so that the quotas sum to the total.
            var sharesSoFar = hotShare + (planned.Count * otherShare);
            var end = (long)Math.Round(sharesSoFar * (traffic.Events ?? 0));
            planned.Add(new PlannedSource(name, planned.Count == 0 ? hotShare : otherShare, traffic.Events is null ? null : end - before));
            before = end;
        }

        return planned;
    }

    /// <summary>
    /// Spreads sources over at most <paramref name="lanes"/> lanes. A hot source gets a lane of its own where there is
    /// more than one: whatever shares its lane would wait behind it.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<PlannedSource>> Lanes(
        IReadOnlyList<PlannedSource> sources, int lanes, bool firstIsHot)
    {
        var count = Math.Min(lanes, sources.Count);
        var spread = Enumerable.Range(0, count).Select(_ => new List<PlannedSource>()).ToArray();
        for (var i = 0; i < sources.Count; i++)
        {
            var lane = firstIsHot && count > 1 && i > 0 ? 1 + ((i - 1) % (count - 1)) : i % count;
            spread[lane].Add(sources[i]);
        }

        return spread;
    }
}
