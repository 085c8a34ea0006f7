using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>Healthy when all brokers are, degraded while writes are still accepted, unhealthy with fewer.</summary>
internal sealed class KafkaClusterHealthCheck(KafkaClusterState cluster) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge([.. cluster.Brokers.Values], cluster.MinInSyncReplicas));

    /// <summary>The cluster's health by its brokers.</summary>
    internal static HealthCheckResult Judge(IReadOnlyCollection<BrokerState> brokers, int minInSyncReplicas)
    {
        var healthy = brokers.Count(broker => broker.IsHealthy);
        var missing = brokers.Where(broker => !broker.IsHealthy).Select(broker => $"{broker.Name} is {broker.State ?? "not started"}");
        return healthy == brokers.Count
            ? HealthCheckResult.Healthy($"{healthy} of {brokers.Count} brokers")
            : new HealthCheckResult(
                healthy >= minInSyncReplicas ? HealthStatus.Degraded : HealthStatus.Unhealthy,
                $"{healthy} of {brokers.Count} brokers: {string.Join(", ", missing)}");
    }
}
