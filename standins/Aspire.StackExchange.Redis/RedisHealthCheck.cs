using Microsoft.Extensions.Diagnostics.HealthChecks;
using global::StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>Healthy when every server of the connection answers a ping.</summary>
internal sealed class RedisHealthCheck(Func<IConnectionMultiplexer> connection) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var multiplexer = connection();
            foreach (var endpoint in multiplexer.GetEndPoints(configuredOnly: true))
            {
                await multiplexer.GetServer(endpoint).PingAsync().WaitAsync(cancellationToken);
            }

            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
