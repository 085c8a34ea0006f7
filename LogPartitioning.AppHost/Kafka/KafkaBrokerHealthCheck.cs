using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>A broker is healthy when its metadata list the broker itself, so when it has joined the cluster.</summary>
/// <param name="brokerId">The broker's id.</param>
/// <param name="endpoint">Where it listens on this machine.</param>
internal sealed class KafkaBrokerHealthCheck(int brokerId, EndpointReference endpoint) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("has no address yet");
        }

        try
        {
            var brokers = await KafkaMetadataRequest.SendAsync(endpoint.Port, cancellationToken);
            var seen = brokers.Count == 0 ? "no broker" : $"brokers {string.Join(", ", brokers.Order())}";
            return brokers.Contains(brokerId)
                ? HealthCheckResult.Healthy($"sees {seen}")
                : HealthCheckResult.Unhealthy($"answers, but is not part of the cluster: it sees {seen}");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
