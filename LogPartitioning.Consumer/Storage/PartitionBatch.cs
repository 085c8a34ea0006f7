namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// One partition's share of a batch. <paramref name="Start"/> and <paramref name="End"/> form a chain: each batch starts
/// where the one before ended, whatever offsets the records have, so that gaps in the log (compaction, transaction
/// markers, dead letters) need no care.
/// </summary>
/// <param name="Partition">The partition's number.</param>
/// <param name="Epoch">The epoch of the claim under which this is written.</param>
/// <param name="Start">The position that must stand in the store before this batch.</param>
/// <param name="End">The position after it: the last record's offset plus one.</param>
/// <param name="Records">What to store, in offset order; may be empty when all records in between were dead-lettered.</param>
internal sealed record PartitionBatch(int Partition, long Epoch, long Start, long End, IReadOnlyList<LogRecord> Records)
{
    /// <summary>Which of the partition's logs the offsets are of.</summary>
    public short Log { get; init; } = 1;

    /// <summary>Offsets of the batch that should have had a record and have none.</summary>
    public IReadOnlyList<LogGap> Gaps { get; init; } = [];
}

/// <summary>Offsets that were passed without a record.</summary>
/// <param name="From">The first of them.</param>
/// <param name="To">The one after the last.</param>
/// <param name="Cause">One of <see cref="GapCause"/>.</param>
internal sealed record LogGap(long From, long To, string Cause);
