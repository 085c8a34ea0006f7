namespace LogPartitioning.Core.Kafka;

/// <summary>Records of one partition: from the offset <paramref name="From"/> up to, but without, <paramref name="To"/>.</summary>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="From">The first offset, at least 0.</param>
/// <param name="To">The offset after the last; a range with <c>To &lt;= From</c> is empty.</param>
public readonly record struct OffsetRange(int Partition, long From, long To)
{
    /// <summary>Offsets in the range, 0 when it is empty. Compaction may have left fewer records than offsets.</summary>
    public long Length => Math.Max(0, To - From);
}
