namespace LogPartitioning.LoadTest.Load;

/// <summary>A source's part of the load.</summary>
/// <param name="Name">The source.</param>
/// <param name="Weight">Its share of the whole, 0 to 1.</param>
/// <param name="Quota">Its events; null for no end.</param>
internal sealed record PlannedSource(string Name, double Weight, long? Quota);

/// <summary>
/// Which source sends how many events, and through which lane. The same options give the same plan.
/// </summary>
internal static class LoadPlan
{
    public static IReadOnlyList<PlannedSource> Sources(LoadOptions options)
    {
        var names = Enumerable.Range(1, options.Sources).Select(i => $"{options.SourcePrefix}-{i}").ToList();
        if (options.HotShare > 0)
        {
            // The hot source stands first, under its own name if it has one.
            var hot = options.HotSource ?? names[0];
            names.Remove(hot);
            names.Insert(0, hot);
            if (names.Count > options.Sources)
            {
                names.RemoveAt(names.Count - 1);
            }
        }

        var weights = Weights(options, names.Count);
        var quotas = options.Events is { } events ? Quotas(events, weights) : null;
        return [.. names.Select((name, i) => new PlannedSource(name, weights[i], quotas?[i]))];
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

    private static double[] Weights(LoadOptions options, int count)
    {
        var weights = new double[count];
        if (options.HotShare > 0 && count > 1)
        {
            Array.Fill(weights, (1 - options.HotShare) / (count - 1));
            weights[0] = options.HotShare;
        }
        else
        {
            Array.Fill(weights, 1.0 / count);
        }

        return weights;
    }

    /// <summary>Shares out whole events by the largest remainders, so that they sum to the total.</summary>
    private static long[] Quotas(long events, double[] weights)
    {
        var quotas = weights.Select(w => (long)Math.Floor(w * events)).ToArray();
        var missing = events - quotas.Sum();
        foreach (var i in Enumerable.Range(0, weights.Length)
            .OrderByDescending(i => (weights[i] * events) - quotas[i])
            .ThenBy(i => i)
            .Take((int)missing))
        {
            quotas[i]++;
        }

        return quotas;
    }
}
