using System.Text.Json;
using LogPartitioning.LoadTest.Gateway;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>What the gateway says of the consumer group: health, assignment, distribution, lag.</summary>
internal sealed class GroupChecks(GatewayReads gateway, int partitions)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public async Task<CheckResult> HealthAsync(CancellationToken cancellationToken)
    {
        var health = await gateway.GetAsync<Health>("api/consumer/health", cancellationToken);
        var figures = $"{health.Status}, {health.Instances.Count} instances, {health.Members?.ToString() ?? "?"} members";
        return new CheckResult(
            "consumer health",
            string.Equals(health.Status, "healthy", StringComparison.OrdinalIgnoreCase),
            health.Reasons.Count == 0 ? figures : $"{figures}: {string.Join("; ", health.Reasons)}");
    }

    /// <summary>Each partition has exactly one worker.</summary>
    public async Task<CheckResult> AssignmentAsync(CancellationToken cancellationToken)
    {
        var instances = (await gateway.GetAsync<Assignment>("api/consumer/assigned-partitions", cancellationToken)).Instances;
        var workers = instances.SelectMany(instance => instance.Workers).ToArray();
        var owned = workers.SelectMany(worker => worker.Partitions).ToArray();
        var missing = Enumerable.Range(0, partitions).Except(owned).ToArray();
        var twice = owned.GroupBy(p => p).Where(p => p.Count() > 1).Select(p => p.Key).ToArray();
        var perInstance = string.Join("+", instances.Select(instance => instance.Workers.Sum(worker => worker.Partitions.Count)));
        return new CheckResult(
            "assigned partitions",
            missing.Length == 0 && twice.Length == 0,
            $"{owned.Distinct().Count()} of {partitions} partitions, {instances.Count} instances with {perInstance}, {workers.Length} workers"
            + (missing.Length > 0 ? $"; nobody has {string.Join(", ", missing)}" : "")
            + (twice.Length > 0 ? $"; more than one has {string.Join(", ", twice)}" : ""));
    }

    /// <summary>Every partition is listed, and the figures add up.</summary>
    public async Task<CheckResult> DistributionAsync(CancellationToken cancellationToken)
    {
        var told = await gateway.GetAsync<Distribution>("api/consumer/partition-distribution", cancellationToken);
        var sum = told.Partitions.Sum(row => row.Events);
        var shares = told.Partitions.Sum(row => row.Share);
        var imbalance = sum == 0 ? 0 : told.Partitions.Max(row => row.Events) * (double)partitions / sum;
        return new CheckResult(
            "events processed",
            AreAll(told.Partitions.Select(row => row.Partition))
                && sum == told.Total
                && Math.Abs(imbalance - told.Imbalance) < 0.01
                && (sum == 0 || Math.Abs(shares - 1) < 0.01),
            $"{told.Total:N0} over {told.Partitions.Count} partitions (sum {sum:N0}), "
            + $"imbalance {told.Imbalance:0.00} (computed {imbalance:0.00}), shares sum to {shares:0.000}");
    }

    /// <summary>The lag of each partition is end offset minus committed, they sum to the total, and the acknowledged events get passed.</summary>
    /// <param name="highest">For each partition the highest acknowledged offset.</param>
    /// <param name="wait">How long the consumers may take.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task<CheckResult> LagAsync(IReadOnlyDictionary<int, long> highest, TimeSpan wait, CancellationToken cancellationToken)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var lag = await GroupLag.ReadAsync(gateway, cancellationToken);
            var elapsed = TimeProvider.System.GetElapsedTime(startedAt);
            var wrong = lag.Partitions.Where(row => !row.AddsUp).Select(row => row.Partition).ToArray();
            var sum = lag.Partitions.Sum(row => row.Lag);
            if (wrong.Length > 0 || sum != lag.TotalLag || !AreAll(lag.Partitions.Select(row => row.Partition)))
            {
                return new CheckResult("lag", false,
                    $"the figures do not add up: total {lag.TotalLag:N0}, sum {sum:N0}, {lag.Partitions.Count} of {partitions} partitions, wrong in {string.Join(", ", wrong)}");
            }

            var behind = lag.Partitions.Where(row => highest.TryGetValue(row.Partition, out var offset) && !(row.Committed > offset)).ToArray();
            if (behind.Length == 0)
            {
                return new CheckResult("lag", true,
                    $"total {lag.TotalLag:N0} over {partitions} partitions, verdict {lag.Verdict ?? "?"}, what was sent passed after {elapsed.TotalSeconds:0.0} s");
            }

            if (elapsed >= wait)
            {
                return new CheckResult("lag", false,
                    $"partitions {string.Join(", ", behind.Select(row => row.Partition).Order())} had not passed what was sent after {elapsed.TotalSeconds:0} s; total {lag.TotalLag:N0}");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    private bool AreAll(IEnumerable<int> listed) => listed.Order().SequenceEqual(Enumerable.Range(0, partitions));

    private sealed record Health(string Status, IReadOnlyList<string> Reasons, IReadOnlyList<JsonElement> Instances, int? Members = null);

    private sealed record Assignment(IReadOnlyList<Instance> Instances);

    private sealed record Instance(IReadOnlyList<Worker> Workers);

    private sealed record Worker(IReadOnlyList<int> Partitions);

    private sealed record Distribution(IReadOnlyList<PartitionShare> Partitions, long Total, double Imbalance);

    private sealed record PartitionShare(int Partition, long Events, double Share);
}
