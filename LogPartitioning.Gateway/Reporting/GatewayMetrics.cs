using System.Diagnostics.Metrics;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Gateway.Reporting;

/// <summary>What only the gateway can tell: the lag of partitions that nobody owns, and figures of the group as a whole.</summary>
internal sealed class GatewayMetrics(
    IMeterFactory meters,
    LagMonitor lag,
    UnownedPartitions unowned,
    RedisLease export,
    ScalingState scaling,
    ArrivalWindow arrivals,
    TimeProvider time)
{
    /// <summary>Creates the instruments; they are read from then on.</summary>
    public void Start()
    {
        var meter = meters.Create("LogPartitioning.Gateway");
        meter.CreateObservableGauge(
            "kafka_consumer_lag",
            () => Unowned(partition => partition.Lag),
            description: "Records of a partition that are not processed yet; exported by the partition's owner, by the gateway when it has none");
        meter.CreateObservableGauge(
            "kafka_consumer_lag_seconds",
            () => Unowned(partition => partition.LagSeconds),
            description: "Age of the oldest record of a partition that is not processed yet");
        meter.CreateObservableGauge(
            "kafka_consumer_group_members",
            () => Once(lag.Current, report => new Measurement<int>(report.Offsets.Members.Count, new KeyValuePair<string, object?>("group", report.Group))),
            description: "Members of the consumer group");
        meter.CreateObservableGauge(
            "kafka_topic_under_replicated_partitions",
            () => Once(lag.Current, report => new Measurement<int>(
                report.Offsets.Partitions.Count(partition => partition.InSyncReplicas < partition.Replicas),
                new KeyValuePair<string, object?>("topic", report.Topic))),
            description: "Partitions of the topic with fewer replicas in sync than there should be");
        meter.CreateObservableGauge(
            "log_scaling_desired_consumers",
            () => Once(scaling.Current, advice => new Measurement<int>(advice.Desired)),
            description: "Consumers (members of the group) that there should be");
        meter.CreateObservableGauge(
            "log_partition_imbalance",
            () => Once(arrivals.Read(), window => new Measurement<double>(window.Imbalance)),
            description: "Records that arrived in the busiest partition / mean of all, over the sliding window; 1 is even, 0 is no traffic");
    }

    private static IEnumerable<Measurement<T>> Once<TSource, T>(TSource? source, Func<TSource, Measurement<T>> measure)
        where TSource : class
        where T : struct =>
        source is null ? [] : [measure(source)];

    private List<Measurement<T>> Unowned<T>(Func<PartitionLag, T> value)
        where T : struct
    {
        // Of several gateways one exports. Where Redis does not say which, each does, so that an alert on lag never lacks it.
        if (export.IsHeld == false || lag.Current is not { } report)
        {
            return [];
        }

        var ours = unowned.At(time.GetUtcNow());
        return [.. report.Partitions
            .Where(partition => ours.Contains(partition.Partition))
            .Select(partition => new Measurement<T>(
                value(partition),
                new("group", report.Group),
                new("topic", report.Topic),
                new("partition", partition.Partition)))];
    }
}
