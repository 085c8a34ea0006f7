using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Gateway.Storage;

/// <summary>Whether the database server is set up in a way that costs safety.</summary>
internal sealed class LogStoreSafetyHealthCheck(LogStoreSchema schema) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        schema.Warnings is { Count: > 0 } warnings ? new HealthCheckResult(context.Registration.FailureStatus, string.Join(" ", warnings)) : HealthCheckResult.Healthy());
}
