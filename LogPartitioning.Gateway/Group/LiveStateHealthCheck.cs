using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Gateway.Group;

/// <summary>Whether the live view of the group can be read from Redis.</summary>
internal sealed class LiveStateHealthCheck(GroupWatch group) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        (await group.ReadAsync(cancellationToken)) is { Live: false, Reason: { } reason }
            ? new(context.Registration.FailureStatus, reason)
            : HealthCheckResult.Healthy();
}
