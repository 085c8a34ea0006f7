using System.Collections.Immutable;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>The partitions that the group has given to a worker. Changed by its poll thread alone; read by anyone.</summary>
internal sealed class WorkerAssignment
{
    private volatile ImmutableSortedDictionary<int, OwnedPartition> _partitions = ImmutableSortedDictionary<int, OwnedPartition>.Empty;

    /// <summary>The partitions now, by number.</summary>
    public ImmutableSortedDictionary<int, OwnedPartition> Partitions => _partitions;

    public void Add(IEnumerable<OwnedPartition> partitions) =>
        _partitions = _partitions.SetItems(partitions.Select(p => KeyValuePair.Create(p.Partition, p)));

    /// <summary>Takes partitions out.</summary>
    /// <returns>Those that were in.</returns>
    public IReadOnlyList<OwnedPartition> Remove(IEnumerable<int> partitions)
    {
        var removed = partitions.Select(p => _partitions.GetValueOrDefault(p)).OfType<OwnedPartition>().ToList();
        _partitions = _partitions.RemoveRange(removed.Select(p => p.Partition));
        return removed;
    }
}
