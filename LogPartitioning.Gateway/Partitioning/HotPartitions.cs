using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Partitioning;

/// <summary>A partition that takes too much.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Share">Its part of what arrived in the window, 0 to 1.</param>
/// <param name="FairShare">What every partition would get if load were even, 0 to 1.</param>
/// <param name="Lag">Its lag.</param>
/// <param name="Reason">Why it is called hot, in words.</param>
internal sealed record HotPartition(int Partition, double Share, double FairShare, long Lag, string Reason);

/// <summary>
/// Finds the partitions that are hot by the <see cref="HotRule"/> over what arrived in the window, while their lag is not falling. A partition that took a burst and now catches up needs no operator.
/// </summary>
internal sealed class HotPartitions(ArrivalWindow arrivals, LagMonitor lag, IOptions<PartitioningOptions> options)
{
    /// <summary>Consuming has to outrun arriving by this much before the lag counts as falling: equal rates measured twice differ by some.</summary>
    private const double ClearlyFaster = 1.1;

    public IReadOnlyList<HotPartition> Find()
    {
        var window = arrivals.Read();
        if (lag.Current is not { } report)
        {
            return [];
        }

        var fair = 1.0 / report.Partitions.Count;
        var limit = HotRule.Of(options.Value).LimitOf(window.Total, report.Partitions.Count);
        return [.. report.Partitions
            .Where(partition => window.Events.GetValueOrDefault(partition.Partition) > limit && !IsFalling(partition))
            .Select(partition => new HotPartition(
                partition.Partition,
                Math.Round(window.ShareOf(partition.Partition), 4),
                Math.Round(fair, 4),
                partition.Lag,
                FormattableString.Invariant($"{100 * window.ShareOf(partition.Partition):0} % of what arrived in {window.Seconds:0} s, {window.ShareOf(partition.Partition) / fair:0.0} times its fair share; {LagTrend(partition)}")))];
    }

    /// <summary>Whether the backlog of a partition is being worked off.</summary>
    public bool IsFalling(int partition) =>
        lag.Current?.Partitions.FirstOrDefault(entry => entry.Partition == partition) is { } found && IsFalling(found);

    private static bool IsFalling(PartitionLag partition) =>
        partition.Lag > 0 && partition.ConsumedPerSecond > ClearlyFaster * partition.ArrivingPerSecond;

    private static string LagTrend(PartitionLag partition) => partition.Lag == 0
        ? "its consumer keeps up"
        : FormattableString.Invariant($"its lag of {partition.Lag} does not fall");
}
