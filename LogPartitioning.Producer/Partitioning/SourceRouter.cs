using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>
/// Picks the record key of each event, and counts where it goes. The key of a source is the source itself; a source that
/// is split goes to the key whose partition has had the least events in the window. Safe for concurrent use.
/// </summary>
internal sealed class SourceRouter(SourceSplits splits, LoadWindow load)
{
    /// <summary>The keys and partitions of the next events, in their order.</summary>
    public void Route(ReadOnlySpan<string> sources, Span<SourceKey> keys)
    {
        var counted = 0;
        for (var i = 0; i < sources.Length; i++)
        {
            var source = sources[i];
            if (splits.TryGetKeys(source, out var choices))
            {
                // It sees those before it.
                load.Add(keys[counted..i]);
                keys[i] = load.AddToLeastLoaded(choices);
                counted = i + 1;
            }
            else
            {
                keys[i] = new SourceKey(source, source, KeyPartitioner.PartitionOf(source, splits.Partitions));
            }
        }

        load.Add(keys[counted..]);
    }
}
