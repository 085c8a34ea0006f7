using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>The health of this instance.</summary>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> (something is off, nothing is lost) or <c>unhealthy</c>.</param>
/// <param name="Reason">What is off; null when nothing is.</param>
/// <param name="Instance">The instance's whole state: workers with their last poll, partitions, stores.</param>
internal sealed record InstanceHealth(string Status, string? Reason, InstanceState Instance);

/// <summary>The lag of the partitions that this instance owns.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Instance">The instance.</param>
/// <param name="At">When the brokers were read; null before the first time.</param>
/// <param name="Problem">Why this is not a recent reading; null when it is.</param>
/// <param name="TotalLag">Records that wait in these partitions.</param>
/// <param name="Verdict">The gravest verdict of these partitions.</param>
/// <param name="Partitions">The partitions that this instance owns.</param>
internal sealed record InstanceLag(
    string Group, string Topic, string Instance, DateTimeOffset? At, string? Problem, long TotalLag, LagVerdict Verdict, IReadOnlyList<PartitionLag> Partitions);

/// <summary>How the events that this instance has stored spread over the partitions.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Total">Events stored since it started.</param>
/// <param name="Imbalance">Most / mean of the partitions it has stored events of; 1 is even, 0 when nothing was stored.</param>
/// <param name="Partitions">The partitions it owns or has stored events of.</param>
internal sealed record InstanceDistribution(string Instance, long Total, double Imbalance, IReadOnlyList<PartitionShare> Partitions);

/// <summary>A partition's part.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Events">Events stored by this instance since it started.</param>
/// <param name="Share">Its part of the total, 0 to 1.</param>
internal sealed record PartitionShare(int Partition, long Events, double Share);

/// <summary>Which worker has which partitions; here of one instance.</summary>
internal sealed record AssignmentView(IReadOnlyList<InstanceAssignment> Instances);
