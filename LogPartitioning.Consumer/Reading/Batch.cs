using LogPartitioning.Consumer.Assignment;

namespace LogPartitioning.Consumer.Reading;

/// <summary>Consecutive records of one partition, read under one claim of it.</summary>
internal sealed record BatchSlice(OwnedPartition Partition, long Epoch, IReadOnlyList<BufferedRecord> Records)
{
    /// <summary>
    /// Whether the slice may still be stored. A partition that was fenced may by now be claimed again, and then stands
    /// elsewhere: what was read under the earlier claim is not the continuation of it.
    /// </summary>
    public bool IsWritable => Partition.IsWritable && Partition.Epoch == Epoch;

    /// <summary>The position after the last record.</summary>
    public long End => Records[^1].Offset + 1;
}

/// <summary>What is written together: at most one slice of each partition.</summary>
internal sealed record Batch(IReadOnlyList<BatchSlice> Slices)
{
    public int Records => Slices.Sum(s => s.Records.Count);
}
