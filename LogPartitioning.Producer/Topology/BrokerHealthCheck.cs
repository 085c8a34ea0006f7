using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Topology;

/// <summary>
/// Degraded while the topics differ from what the services need. Else healthy when every partition has a leader and as many replicas on living brokers as have to be in sync. Which replicas
/// are in sync is not asked: old brokers tell it up to a minute late, and writing tells it at once.
/// </summary>
internal sealed class BrokerHealthCheck(BrokerAdmin brokers, IOptions<KafkaOptions> options, TopologyState state) : IHealthCheck
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!state.IsReady)
        {
            return HealthCheckResult.Unhealthy(state.Detail);
        }

        try
        {
            var metadata = await Task.Run(() => brokers.Client.GetMetadata(options.Value.Topic, RequestTimeout), cancellationToken);
            var alive = metadata.Brokers.Select(broker => broker.BrokerId).ToHashSet();
            var partitions = metadata.Topics.Single().Partitions;
            var closed = partitions.Count(partition => !alive.Contains(partition.Leader)
                || partition.Replicas.Count(alive.Contains) < options.Value.MinInSyncReplicas);
            return closed > 0 || partitions.Count == 0 ? HealthCheckResult.Unhealthy($"{closed} of {partitions.Count} partitions cannot be written to.")
                : state.Differences.Count > 0 ? HealthCheckResult.Degraded(string.Join(" ", state.Differences.Select(difference => difference.WhileRunning)))
                : HealthCheckResult.Healthy();
        }
        catch (KafkaException e)
        {
            return HealthCheckResult.Unhealthy($"The partitions cannot be asked for: {BrokerFailure.InWords(e.Error)}.");
        }
    }
}
