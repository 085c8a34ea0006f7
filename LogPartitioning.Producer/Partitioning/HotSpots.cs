namespace LogPartitioning.Producer.Partitioning;

/// <summary>
/// Which partitions get more than their share, and which sources make it so. A partition is hot when it got more than
/// <c>multiple</c> times its fair share (the total over the number of partitions) and the total is large enough to judge by.
/// Its hot sources are the heaviest ones, as few as it takes: without them the partition would not be hot.
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
    /// <param name="load">The window.</param>
    /// <param name="multiple">How many fair shares are too much; more than 1.</param>
    /// <param name="minimumEvents">With fewer events than this in all, nothing is called hot.</param>
    public static HotSpots Find(LoadSnapshot load, double multiple, long minimumEvents)
    {
        ArgumentNullException.ThrowIfNull(load);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(multiple, 1);
        var hot = new HotSpots();
        if (load.Total < minimumEvents)
        {
            return hot;
        }

        var limit = multiple * load.Total / load.Partitions.Count;
        for (var partition = 0; partition < load.Partitions.Count; partition++)
        {
            if (load.Partitions[partition] > limit)
            {
                hot._partitions.Add(partition);
                hot.Blame(partition, load, limit);
            }
        }

        return hot;
    }

    private void Blame(int partition, LoadSnapshot load, double limit)
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
