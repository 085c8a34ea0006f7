using LogPartitioning.Core.Lag;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Gateway.Group;

/// <summary>Whether the brokers told the group's offsets when they were last asked.</summary>
internal sealed class BrokersHealthCheck(LagMonitor lag) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lag.Problem is { } problem ? new(context.Registration.FailureStatus, problem) : HealthCheckResult.Healthy());
}
