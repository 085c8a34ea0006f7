using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Producer.Mapping;

/// <summary>Degraded, never unhealthy, while the stored splits cannot be read: events are taken all the same.</summary>
internal sealed class SplitsHealthCheck(SplitWatcher watcher) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(watcher.IsCurrent
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("The stored splits cannot be read; the last known ones hold."));
}
