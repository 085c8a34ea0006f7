using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>
/// Picks the record key of each event, and counts where it goes. The key of a source is the source itself; a source that
/// is split goes to the key whose partition has had the least events in the window. Safe for concurrent use.
/// </summary>
internal sealed class SourceRouter(SourceSplits splits, LoadWindow load)
{
    /// <summary>The key and partition of the next event of <paramref name="source"/>.</summary>
    public SourceKey Route(string source)
    {
        if (splits.TryGetKeys(source, out var keys))
        {
            return load.AddToLeastLoaded(keys);
        }

        var key = new SourceKey(source, source, KeyPartitioner.PartitionOf(source, splits.Partitions));
        load.Add(key);
        return key;
    }
}
