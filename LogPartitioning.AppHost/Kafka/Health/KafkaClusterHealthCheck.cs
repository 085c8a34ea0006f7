using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Kafka.Health;

/// <summary>Healthy when all brokers are, degraded while writes are still accepted, unhealthy with fewer.</summary>
internal sealed class KafkaClusterHealthCheck(KafkaClusterState cluster) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var brokers = cluster.Brokers.Values.ToList();
        var healthy = brokers.Count(broker => broker.IsHealthy);
        var missing = brokers.Where(broker => !broker.IsHealthy).Select(broker => $"{broker.Name} is {broker.State ?? "not started"}");
        return Task.FromResult(healthy == brokers.Count
            ? HealthCheckResult.Healthy($"{healthy} of {brokers.Count} brokers")
            : new HealthCheckResult(
                healthy >= cluster.MinInSyncReplicas ? HealthStatus.Degraded : HealthStatus.Unhealthy,
                $"{healthy} of {brokers.Count} brokers: {string.Join(", ", missing)}"));
    }
}
