using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Membership;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>Whether the instance does its work. A store that does not answer makes it degraded, not unhealthy: a restart of the instance would not bring the store back.</summary>
internal sealed class ConsumerHealthCheck(ConsumerInstance instance, InstanceView view, StoreStates stores) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "consumer";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge());

    private HealthCheckResult Judge()
    {
        var away = stores.Current.Where(s => !s.Value.Reachable).Select(s => s.Key).ToList();
        if (!instance.IsReady)
        {
            return HealthCheckResult.Unhealthy(away.Count == 0 ? "starting" : $"waiting for {string.Join(" and ", away)}");
        }
        var owned = view.Owned;
        if (owned.Where(p => p.State == PartitionState.Halted && p.HaltReason is not { IsPause: true }).ToList() is { Count: > 0 } halted)
        {
            return HealthCheckResult.Unhealthy(
                $"halted until an operator decides: {string.Join(", ", halted.Select(p => p.Partition))}; {halted[0].HaltReason?.Detail}");
        }
        if (owned.Where(p => p.State is PartitionState.Claiming or PartitionState.Fenced).Select(p => p.Partition).ToList() is { Count: > 0 } waiting)
        {
            return HealthCheckResult.Degraded($"assigned but not granted: {string.Join(", ", waiting)}");
        }
        if (instance.Workers.Where(w => w.Describe().LastPoll is null).Select(w => w.Number).ToList() is { Count: > 0 } joining)
        {
            return HealthCheckResult.Degraded($"not in the group yet: worker {string.Join(", ", joining)}");
        }
        if (away.Count > 0)
        {
            return HealthCheckResult.Degraded($"without {string.Join(" and ", away)}");
        }
        var paused = owned.Where(p => p.State == PartitionState.Halted).Select(p => p.Partition).Order().ToList();
        return paused.Count > 0 ? HealthCheckResult.Degraded($"paused by an operator: {string.Join(", ", paused)}") : HealthCheckResult.Healthy();
    }
}
