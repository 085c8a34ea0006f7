namespace LogPartitioning.Consumer.Storage;

/// <summary>The right to write a partition, as granted by <see cref="LogStore.ClaimAsync"/>.</summary>
/// <param name="Partition">The partition's number.</param>
/// <param name="Epoch">What every write must carry. The next claim raises it, and this claim's writes change nothing from then on.</param>
/// <param name="NextOffset">The offset of the first record that is not stored yet: where to start reading.</param>
/// <param name="LastBatchAt">When the previous owner's last batch was written, by the clock of the database; null when none ever was.</param>
internal sealed record PartitionClaim(int Partition, long Epoch, long NextOffset, DateTimeOffset? LastBatchAt)
{
    /// <summary>Nobody had ever claimed the partition before.</summary>
    public bool IsFirst => Epoch == 1;
}
