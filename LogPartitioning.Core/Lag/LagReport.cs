using LogPartitioning.Core.Storage;

namespace LogPartitioning.Core.Lag;

/// <summary>The lag of a group, judged.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="At">When the brokers were read.</param>
/// <param name="TotalLag">The sum over all partitions.</param>
/// <param name="Verdict">The gravest verdict of a partition.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Drain">When the whole backlog will be gone at the present rates.</param>
/// <param name="Offsets">The reading itself.</param>
/// <param name="Partitions">Every partition, ascending.</param>
public sealed record LagReport(
    string Group,
    string Topic,
    DateTimeOffset At,
    long TotalLag,
    LagVerdict Verdict,
    string Reason,
    DrainEstimate Drain,
    GroupOffsets Offsets,
    IReadOnlyList<PartitionLag> Partitions);

/// <summary>The lag of one partition, judged.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="BeginningOffset">The first offset that the brokers still hold.</param>
/// <param name="EndOffset">The offset that the next record will get.</param>
/// <param name="Committed">The offset that the group has committed to the brokers; null when it never did, or the commit expired.</param>
/// <param name="Stored">The offset of the next record to store, by the store itself; null where it is not known, or the partition was never claimed.</param>
/// <param name="Lag">Records not yet stored.</param>
/// <param name="LagSeconds">The age of the oldest record not yet processed, in seconds; 0 without lag.</param>
/// <param name="LagSecondsIsAtLeast">Whether that record is older than the history of end offsets reaches, so that <paramref name="LagSeconds"/> is a lower bound.</param>
/// <param name="Owner">The client id of the owner; null when nobody owns the partition.</param>
/// <param name="Verdict">What the window says.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="ArrivingPerSecond">Records appended a second over the window.</param>
/// <param name="ConsumedPerSecond">Offsets committed a second over the window.</param>
/// <param name="Drain">When the backlog will be gone at these rates.</param>
/// <param name="Halt">Why nothing is read until an operator decides; null while it is read.</param>
/// <param name="Lost">Records that the brokers had deleted before they were stored, since the beginning.</param>
public sealed record PartitionLag(
    int Partition,
    long BeginningOffset,
    long EndOffset,
    long? Committed,
    long? Stored,
    long Lag,
    double LagSeconds,
    bool LagSecondsIsAtLeast,
    string? Owner,
    LagVerdict Verdict,
    string Reason,
    double ArrivingPerSecond,
    double ConsumedPerSecond,
    DrainEstimate Drain,
    PartitionHalt? Halt = null,
    long Lost = 0)
{
    /// <summary>What is read next.</summary>
    public long Position => Stored ?? Committed ?? 0;
}
