using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Views;

/// <summary>Every partition, now and over the last half hour.</summary>
/// <param name="At">When the brokers were read; null when they never were.</param>
/// <param name="Problem">Why this is not a recent reading; null when it is.</param>
/// <param name="Times">The times of the samples in each partition's <see cref="PartitionView.LagHistory"/> and <see cref="PartitionView.RateHistory"/>, oldest first.</param>
/// <param name="Partitions">Every partition, ascending.</param>
internal sealed record PartitionsView(DateTimeOffset? At, string? Problem, IReadOnlyList<DateTimeOffset> Times, IReadOnlyList<PartitionView> Partitions);

/// <summary>One partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Lag">Records that wait.</param>
/// <param name="LagSeconds">The age of the oldest of them, in seconds.</param>
/// <param name="LagSecondsIsAtLeast">Whether it is older than is known.</param>
/// <param name="ArrivedPerSecond">Records appended a second, between the last two samples.</param>
/// <param name="StoredPerSecond">Records stored a second, likewise.</param>
/// <param name="Share">Its part of what arrived in the window, 0 to 1.</param>
/// <param name="Hot">Whether it takes too much while its lag does not fall.</param>
/// <param name="Owner">The worker that reads it; null when nobody does.</param>
/// <param name="Verdict">What is to be thought of its lag.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Drain">When its backlog will be gone.</param>
/// <param name="Stored">The offset of the next record to store.</param>
/// <param name="EndOffset">The offset that the next record will get.</param>
/// <param name="Halt">Why nothing is read until an operator decides; null while it is read.</param>
/// <param name="LagHistory">Its lag at each of <see cref="PartitionsView.Times"/>.</param>
/// <param name="RateHistory">Records appended a second at each of them.</param>
internal sealed record PartitionView(
    int Partition,
    long Lag,
    double LagSeconds,
    bool LagSecondsIsAtLeast,
    double ArrivedPerSecond,
    double StoredPerSecond,
    double Share,
    bool Hot,
    string? Owner,
    LagVerdict Verdict,
    string Reason,
    DrainEstimate Drain,
    long Stored,
    long EndOffset,
    string? Halt,
    IReadOnlyList<long> LagHistory,
    IReadOnlyList<double> RateHistory);
