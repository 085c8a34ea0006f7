namespace LogPartitioning.Core.Partitioning;

/// <summary>What splitting a source would do to the balance.</summary>
public static class SplitAdvice
{
    /// <summary>
    /// The fewest keys with which the busiest partition would have at most <paramref name="multiple"/> fair shares of the
    /// window's events, had the source been split through all of it.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="load">The window.</param>
    /// <param name="multiple">How many fair shares are acceptable.</param>
    /// <returns>The keys, from 2 to the number of partitions; the number with the best balance where none is enough;
    /// null where no split helps.</returns>
    public static int? FewestKeys(string source, LoadSnapshot load, double multiple)
    {
        ArgumentNullException.ThrowIfNull(load);
        var partitions = load.Partitions.Count;
        var acceptable = multiple * load.Total / partitions;
        int? best = null;
        double bestMax = load.Partitions.Max();
        for (var keys = SourceSplits.MinKeys; keys <= partitions; keys++)
        {
            var max = BusiestAfter(source, keys, load);
            if (max <= acceptable)
            {
                return keys;
            }

            if (max < bestMax)
            {
                (best, bestMax) = (keys, max);
            }
        }

        return best;
    }

    /// <summary>The events of the busiest partition, had <paramref name="source"/> been split in <paramref name="keys"/>
    /// all through the window, each event to the least loaded of its partitions.</summary>
    internal static double BusiestAfter(string source, int keys, LoadSnapshot load)
    {
        var rest = load.Partitions.Select(events => (double)events).ToArray();
        double moved = 0;
        foreach (var key in load.Keys.Where(key => key.Key.Source == source))
        {
            var events = Math.Min(key.Events, rest[key.Key.Partition]);
            rest[key.Key.Partition] -= events;
            moved += events;
        }

        // Always to the least loaded: like water, the events level the partitions from the lowest up.
        var targets = SourceSplits.KeysOf(source, keys, rest.Length).Select(key => key.Partition).Distinct()
            .OrderBy(partition => rest[partition]).ToArray();
        double below = 0;
        for (var i = 0; i < targets.Length; i++)
        {
            below += rest[targets[i]];
            var level = (below + moved) / (i + 1);
            if (i + 1 == targets.Length || level <= rest[targets[i + 1]])
            {
                return Math.Max(rest.Max(), level);
            }
        }

        return rest.Max();
    }
}
