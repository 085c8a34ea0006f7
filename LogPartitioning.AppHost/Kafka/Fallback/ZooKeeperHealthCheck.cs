using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Kafka.Fallback;

/// <summary>ZooKeeper is healthy when it answers <c>ruok</c>.</summary>
internal sealed class ZooKeeperHealthCheck(int port) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var answer = await ZooKeeperStatus.AskAsync(port, "ruok", cancellationToken);
            return answer == "imok" ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"answered \"{answer}\" to ruok");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
