using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace LogPartitioning.AppHost.Processes;

/// <summary>Redis is healthy when it answers <c>PING</c> with the application's password.</summary>
internal sealed class RedisHealthCheck(ReferenceExpression connectionString) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var options = ConfigurationOptions.Parse(await connectionString.GetValueAsync(cancellationToken) ?? "");
            options.ConnectTimeout = 2_000;
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(cancellationToken);
            await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
