using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The right to write a partition, as granted by <see cref="LogStore.ClaimAsync"/>.</summary>
/// <param name="Partition">The partition's number.</param>
/// <param name="Epoch">What every write must carry. The next claim raises it, and this claim's writes change nothing from then on.</param>
/// <param name="NextOffset">The offset of the first record that is not stored yet: where to start reading.</param>
/// <param name="LastBatchAt">When the previous owner's last batch was written, by the clock of the database; null when none ever was.</param>
internal sealed record PartitionClaim(int Partition, long Epoch, long NextOffset, DateTimeOffset? LastBatchAt)
{
    /// <summary>The topic that the position is of; null where the brokers have no ids for topics.</summary>
    public string? TopicId { get; init; }

    /// <summary>Which of the partition's logs the position is of, from 1.</summary>
    public short Log { get; init; } = 1;

    /// <summary>Why the partition is not to be read; null when it is.</summary>
    public PartitionHalt? Halt { get; init; }

    /// <summary>Records before this offset are set aside, however many of them are refused.</summary>
    public long PassingUntil { get; init; }

    /// <summary>Nobody had ever claimed the partition before.</summary>
    public bool IsFirst => Epoch == 1;
}
