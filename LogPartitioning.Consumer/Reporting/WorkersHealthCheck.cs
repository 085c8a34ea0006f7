using LogPartitioning.Consumer.Membership;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>
/// Whether the instance has to be restarted: the loop of a worker is dead, or hangs. What the brokers and the stores answer
/// does not count, since a restart would not make them better.
/// </summary>
internal sealed class WorkersHealthCheck(ConsumerInstance instance, ConsumerOptions options) : IHealthCheck
{
    /// <summary>The check's name.</summary>
    public const string Name = "workers";

    /// <summary>What a rebalance may take on the poll thread beyond draining and claiming.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <summary>Twice the longest that a turn of the loop takes by design: one that drains what is revoked and claims what is assigned.</summary>
    public static TimeSpan LongestSilence(ConsumerOptions options) => (options.DrainBudget + options.ClaimTimeout + Rest) * 2;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Judge(instance.IsReady ? instance.Workers.Select(w => (w.Number, w.Silence)) : [], LongestSilence(options)));

    /// <summary>The judgement, given how long each worker has given no sign of life.</summary>
    internal static HealthCheckResult Judge(IEnumerable<(int Worker, TimeSpan Silence)> workers, TimeSpan longest)
    {
        var silent = workers.Where(w => w.Silence > longest).ToList();
        return silent.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(FormattableString.Invariant(
                $"worker {string.Join(", ", silent.Select(w => w.Worker))} has not polled for {silent.Max(w => w.Silence).TotalSeconds:0} s"));
    }
}
