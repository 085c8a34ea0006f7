using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>
/// Which partitions are hot by a <see cref="HotRule"/>, and which sources make them so: the heaviest ones, as few as it takes.
/// Without them the partition would not be hot.
/// </summary>
internal sealed class HotSpots
{
    private readonly HashSet<int> _partitions = [];
    private readonly HashSet<string> _sources = new(StringComparer.Ordinal);

    private HotSpots()
    {
    }

    /// <summary>The hot partitions.</summary>
    public IReadOnlySet<int> Partitions => _partitions;

    /// <summary>The sources that make them so.</summary>
    public IReadOnlySet<string> Sources => _sources;

    /// <summary>Finds the hot spots of a window.</summary>
    public static HotSpots Find(LoadSnapshot load, HotRule rule)
    {
        ArgumentNullException.ThrowIfNull(load);
        var hot = new HotSpots();
        var limit = rule.LimitOf(load.Total, load.Partitions.Count);
        for (var partition = 0; partition < load.Partitions.Count; partition++)
        {
            if (load.Partitions[partition] > limit)
            {
                hot._partitions.Add(partition);
                hot.AddSourcesOf(partition, load, limit);
            }
        }

        return hot;
    }

    private void AddSourcesOf(int partition, LoadSnapshot load, double limit)
    {
        double left = load.Partitions[partition];
        foreach (var key in load.Keys)
        {
            if (left <= limit)
            {
                return;
            }

            if (key.Key.Partition == partition)
            {
                _sources.Add(key.Key.Source);
                left -= key.Events - key.Error; // What it certainly had.
            }
        }
    }
}
