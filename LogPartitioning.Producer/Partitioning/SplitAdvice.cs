using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>What splitting a source would do to the balance.</summary>
internal static class SplitAdvice
{
    /// <summary>
    /// The fewest keys with which every partition that the source goes to would have at most <paramref name="multiple"/>
    /// fair shares of the window's events, had the source been split through all of it.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="load">The window.</param>
    /// <param name="multiple">How many fair shares are acceptable.</param>
    /// <returns>The keys, from 2 to the number of partitions; the number with the best balance where none is enough;
    /// null where no split helps.</returns>
    public static int? FewestKeys(string source, LoadSnapshot load, double multiple)
    {
        ArgumentNullException.ThrowIfNull(load);
        var own = load.Keys.Where(key => key.Key.Source == source).ToList();
        if (own.Count == 0)
        {
            return null;
        }

        var partitions = load.Partitions.Count;
        var acceptable = multiple * load.Total / partitions;
        int? best = null;
        double bestBusiest = own.Max(key => load.Partitions[key.Key.Partition]);
        for (var keys = SourceSplits.MinKeys; keys <= partitions; keys++)
        {
            var busiest = BusiestAfter(source, keys, load, own);
            if (busiest <= acceptable)
            {
                return keys;
            }

            if (busiest < bestBusiest)
            {
                (best, bestBusiest) = (keys, busiest);
            }
        }

        return best;
    }

    /// <summary>The events of the busiest partition that the source left or went to, had each of its events gone to the least
    /// loaded of the partitions of its new keys.</summary>
    private static double BusiestAfter(string source, int keys, LoadSnapshot load, List<KeyLoad> own)
    {
        var rest = load.Partitions.Select(events => (double)events).ToArray();
        double moved = 0;
        foreach (var key in own)
        {
            var events = Math.Min(key.Events, rest[key.Key.Partition]);
            rest[key.Key.Partition] -= events;
            moved += events;
        }

        var left = own.Max(key => rest[key.Key.Partition]);
        var targets = SourceSplits.KeysOf(source, keys, rest.Length).Select(key => key.Partition).Distinct()
            .OrderBy(partition => rest[partition]).ToArray();

        // Always to the least loaded: like water, the events level the partitions from the lowest up.
        double below = 0;
        for (var i = 0; ; i++)
        {
            below += rest[targets[i]];
            var level = (below + moved) / (i + 1);
            if (i + 1 == targets.Length || level <= rest[targets[i + 1]])
            {
                return Math.Max(left, level);
            }
        }
    }
}
