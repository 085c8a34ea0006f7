using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Group;

/// <summary>The lag of the group.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="At">When the brokers were read.</param>
/// <param name="Problem">Why this is not a recent reading; null when it is.</param>
/// <param name="State">The group's state at the brokers.</param>
/// <param name="Members">How many members the group has.</param>
/// <param name="TotalLag">Records that wait.</param>
/// <param name="Verdict">The gravest verdict of a partition.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Drain">When the backlog will be gone.</param>
/// <param name="Partitions">Every partition, owned or not.</param>
internal sealed record GroupLag(
    string Group,
    string Topic,
    DateTimeOffset At,
    string? Problem,
    string State,
    int Members,
    long TotalLag,
    LagVerdict Verdict,
    string Reason,
    DrainEstimate Drain,
    IReadOnlyList<PartitionLag> Partitions)
{
    public static GroupLag From(LagReport report, string? problem) => new(
        report.Group,
        report.Topic,
        report.At,
        problem,
        report.Offsets.State,
        report.Offsets.Members.Count,
        report.TotalLag,
        report.Verdict,
        report.Reason,
        report.Drain,
        report.Partitions);
}

/// <summary>Which worker has which partitions.</summary>
/// <param name="Live">Whether the instances told it themselves; false: the brokers' description of the group did.</param>
/// <param name="Reason">Why the view is not live; null when it is.</param>
/// <param name="Instances">The instances.</param>
/// <param name="Unassigned">Partitions that nobody has; null when the number of partitions is not known yet.</param>
internal sealed record GroupAssignment(bool Live, string? Reason, IReadOnlyList<InstanceAssignment> Instances, IReadOnlyList<int>? Unassigned);

/// <summary>The health of the group.</summary>
/// <param name="Status"><c>healthy</c>: consumers run and keep up; <c>degraded</c>: something is off, nothing is lost; <c>unhealthy</c>: records wait and nobody reads them, or the brokers do not answer.</param>
/// <param name="Reasons">What is off, in words; empty when nothing is.</param>
/// <param name="Group">The consumer group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="State">The group's state at the brokers; null when they never answered.</param>
/// <param name="Members">Members at the brokers; null when they never answered.</param>
/// <param name="Verdict">The verdict on the lag; null when it was never read.</param>
/// <param name="TotalLag">Records that wait; null when it was never read.</param>
/// <param name="Live">Whether the instances' own states can be read.</param>
/// <param name="Instances">The live instances.</param>
internal sealed record GroupHealth(
    string Status,
    IReadOnlyList<string> Reasons,
    string Group,
    string Topic,
    string? State,
    int? Members,
    LagVerdict? Verdict,
    long? TotalLag,
    bool Live,
    IReadOnlyList<InstanceState> Instances);

/// <summary>How records spread over the partitions.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="At">When the brokers were read.</param>
/// <param name="Total">Records processed since the topic began.</param>
/// <param name="Imbalance">Most / mean of the partitions, over all that was processed; 1 is even, 0 when nothing was.</param>
/// <param name="Window">The recent past, by what arrived.</param>
/// <param name="Partitions">Every partition.</param>
internal sealed record Distribution(
    string Group,
    string Topic,
    DateTimeOffset At,
    long Total,
    double Imbalance,
    DistributionWindow Window,
    IReadOnlyList<PartitionDistribution> Partitions);

/// <summary>The sliding window of a distribution.</summary>
/// <param name="Seconds">How far back it reaches.</param>
/// <param name="Events">Records that arrived.</param>
/// <param name="Imbalance">Most / mean of the partitions; 1 is even, 0 when nothing arrived.</param>
internal sealed record DistributionWindow(double Seconds, long Events, double Imbalance);

/// <summary>A partition's part.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Events">Records processed since the topic began: the committed offset, so that restarts do not reset it.</param>
/// <param name="Share">Its part of the total, 0 to 1.</param>
/// <param name="WindowEvents">Records that arrived in the window.</param>
/// <param name="WindowShare">Its part of these, 0 to 1.</param>
/// <param name="Hot">Whether it takes more than the set multiple of its fair share and its lag is not falling.</param>
internal sealed record PartitionDistribution(int Partition, long Events, double Share, long WindowEvents, double WindowShare, bool Hot);
