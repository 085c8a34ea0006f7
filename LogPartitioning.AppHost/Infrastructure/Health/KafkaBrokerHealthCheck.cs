using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Infrastructure.Health;

/// <summary>A broker is healthy when its metadata list the broker itself, so when it has joined the cluster.</summary>
internal sealed class KafkaBrokerHealthCheck(int brokerId, int port) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var brokers = await KafkaMetadataRequest.SendAsync(port, cancellationToken);
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
