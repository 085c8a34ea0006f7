using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Core.Replay;

/// <summary>How far a replay is in one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">The first offset to read.</param>
/// <param name="To">The offset after the last.</param>
/// <param name="Next">The next offset to process; equal to <paramref name="To"/> when done.</param>
/// <param name="Log">Which of the partition's logs the offsets are of.</param>
public sealed record ReplayPartitionProgress(int Partition, long From, long To, long Next, short Log = 1);

/// <summary>A record of the history that is no event, or not under a key of its source. It was dead-lettered when it was first met, and is not again.</summary>
/// <param name="Partition">Where it is.</param>
/// <param name="Offset">Where it is.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record ReplayPoison(int Partition, long Offset, string Problem);

/// <summary>What a replay has done so far.</summary>
/// <param name="Records">Records read.</param>
/// <param name="Stored">Events that the store did not have, and has now.</param>
/// <param name="AlreadyStored">Events that the store had.</param>
/// <param name="Poison">Records that are no events, or not under a key of their source.</param>
/// <param name="FirstPoison">The first of those, at most <see cref="MaxPoison"/>.</param>
/// <param name="Partitions">Each partition's progress.</param>
/// <param name="TopicId">The topic that the offsets are of; null where the brokers have no such ids.</param>
public sealed record ReplayProgress(
    long Records,
    long Stored,
    long AlreadyStored,
    long Poison,
    IReadOnlyList<ReplayPoison> FirstPoison,
    IReadOnlyList<ReplayPartitionProgress> Partitions,
    string? TopicId = null)
{
    /// <summary>The most poison records that are named one by one.</summary>
    public const int MaxPoison = 50;

    /// <summary>Nothing done yet.</summary>
    /// <param name="ranges">What to read.</param>
    /// <param name="logs">Which of their logs the partitions are in, where it is not the first.</param>
    /// <param name="topicId">The topic's id, where the brokers have one.</param>
    public static ReplayProgress Start(IEnumerable<OffsetRange> ranges, IReadOnlyDictionary<int, short>? logs = null, string? topicId = null) => new(
        0, 0, 0, 0, [],
        [.. ranges.Select(r => new ReplayPartitionProgress(r.Partition, r.From, r.To, r.From, logs?.GetValueOrDefault(r.Partition, (short)1) ?? 1))],
        topicId);
}
