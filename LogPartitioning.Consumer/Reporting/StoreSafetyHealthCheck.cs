using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>Degraded where the database server is set up in a way that costs safety: events are stored all the same.</summary>
internal sealed class StoreSafetyHealthCheck(LogStoreSchema schema) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "logs-safety";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(schema.Warnings is { Count: > 0 } warnings ? HealthCheckResult.Degraded(string.Join(" ", warnings)) : HealthCheckResult.Healthy());
}
