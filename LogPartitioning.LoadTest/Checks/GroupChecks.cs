using System.Text.Json;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>What the gateway says of the consumer group: health, assignment, distribution, lag.</summary>
internal sealed class GroupChecks(GatewayReads gateway, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public async Task<CheckResult> HealthAsync(CancellationToken cancellationToken)
    {
        using var health = await gateway.GetAsync("api/consumer/health", cancellationToken).ConfigureAwait(false);
        var root = health.RootElement;
        var status = root.GetProperty("status").GetString();
        var reasons = root.TryGetProperty("reasons", out var told)
            ? string.Join("; ", told.EnumerateArray().Select(reason => reason.GetString()))
            : "";
        var figures = $"{status}, {Count(root, "instances")} instances, {Text(root, "members")} members";
        return new CheckResult(
            "consumer health",
            string.Equals(status, "healthy", StringComparison.OrdinalIgnoreCase),
            reasons.Length == 0 ? figures : $"{figures}: {reasons}");
    }

    /// <summary>Each partition has exactly one worker.</summary>
    public async Task<CheckResult> AssignmentAsync(int partitions, CancellationToken cancellationToken)
    {
        using var assigned = await gateway.GetAsync("api/consumer/assigned-partitions", cancellationToken).ConfigureAwait(false);
        var instances = assigned.RootElement.GetProperty("instances").EnumerateArray().ToArray();
        var workers = instances
            .SelectMany(instance => instance.GetProperty("workers").EnumerateArray())
            .Select(worker => worker.GetProperty("partitions").EnumerateArray().Select(p => p.GetInt32()).ToArray())
            .ToArray();
        var owned = workers.SelectMany(worker => worker).ToArray();
        var missing = Enumerable.Range(0, partitions).Except(owned).ToArray();
        var twice = owned.GroupBy(p => p).Where(p => p.Count() > 1).Select(p => p.Key).ToArray();
        var perInstance = instances.Select(instance => instance.GetProperty("workers").EnumerateArray()
            .Sum(worker => worker.GetProperty("partitions").GetArrayLength()));
        var figures = $"{owned.Distinct().Count()} of {partitions} partitions, {instances.Length} instances with {string.Join("+", perInstance)}, {workers.Length} workers"
            + (missing.Length > 0 ? $"; nobody has {string.Join(", ", missing)}" : "")
            + (twice.Length > 0 ? $"; more than one has {string.Join(", ", twice)}" : "");
        return new CheckResult("assigned partitions", missing.Length == 0 && twice.Length == 0, figures);
    }

    /// <summary>Every partition is listed, and the figures add up.</summary>
    public async Task<CheckResult> DistributionAsync(int partitions, CancellationToken cancellationToken)
    {
        using var distribution = await gateway.GetAsync("api/consumer/partition-distribution", cancellationToken).ConfigureAwait(false);
        var root = distribution.RootElement;
        var rows = root.GetProperty("partitions").EnumerateArray()
            .Select(row => (Partition: row.GetProperty("partition").GetInt32(), Events: row.GetProperty("events").GetInt64(), Share: row.GetProperty("share").GetDouble()))
            .ToArray();
        var total = root.GetProperty("total").GetInt64();
        var told = root.GetProperty("imbalance").GetDouble();
        var sum = rows.Sum(row => row.Events);
        var imbalance = sum == 0 ? 0 : rows.Max(row => row.Events) * (double)partitions / sum;
        var shares = rows.Sum(row => row.Share);
        var passed = rows.Select(row => row.Partition).Order().SequenceEqual(Enumerable.Range(0, partitions))
            && sum == total
            && Math.Abs(imbalance - told) < 0.01
            && (total == 0 || Math.Abs(shares - 1) < 0.01);
        return new CheckResult(
            "events processed", passed,
            $"{total:N0} over {rows.Length} partitions (sum {sum:N0}), imbalance {told:0.00} (computed {imbalance:0.00}), shares sum to {shares:0.000}");
    }

    /// <summary>The lag of each partition is end offset minus committed, they sum to the total, and the acknowledged events get passed.</summary>
    /// <param name="partitions">Partitions of the topic.</param>
    /// <param name="highest">For each partition the highest acknowledged offset.</param>
    /// <param name="wait">How long the consumers may take.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task<CheckResult> LagAsync(
        int partitions, IReadOnlyDictionary<int, long> highest, TimeSpan wait, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        while (true)
        {
            using var lag = await gateway.GetAsync("api/consumer/lag", cancellationToken).ConfigureAwait(false);
            var root = lag.RootElement;
            var rows = root.GetProperty("partitions").EnumerateArray().Select(LagRow.Read).ToArray();
            var total = root.GetProperty("totalLag").GetInt64();
            var wrong = rows.Where(row => !row.AddsUp).Select(row => row.Partition).ToArray();
            var behind = highest.Where(h => rows.FirstOrDefault(row => row.Partition == h.Key)?.Committed is not { } committed || committed <= h.Value)
                .Select(h => h.Key).Order().ToArray();
            var complete = rows.Select(row => row.Partition).Order().SequenceEqual(Enumerable.Range(0, partitions));
            var consistent = complete && wrong.Length == 0 && rows.Sum(row => row.Lag) == total;
            var elapsed = time.GetElapsedTime(startedAt);
            if (!consistent || behind.Length == 0 || elapsed >= wait)
            {
                var figures = $"total {total:N0} over {rows.Length} partitions, verdict {Text(root, "verdict")}, what was sent passed after {elapsed.TotalSeconds:0.0} s";
                return new CheckResult("lag", consistent && behind.Length == 0, (consistent, behind.Length) switch
                {
                    (false, _) => $"the figures do not add up: total {total:N0}, sum {rows.Sum(row => row.Lag):N0}, {rows.Length} of {partitions} partitions, wrong in {string.Join(", ", wrong)}",
                    (_, > 0) => $"partitions {string.Join(", ", behind)} had not passed what was sent after {elapsed.TotalSeconds:0} s; total {total:N0}",
                    _ => figures,
                });
            }

            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value.ToString() : "?";

    private static string Count(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? $"{value.GetArrayLength()}" : "?";

    private sealed record LagRow(int Partition, long EndOffset, long? Committed, long Lag)
    {
        /// <summary>Without a commit all of the partition's records are lag; how many it still has, only the brokers know.</summary>
        public bool AddsUp => Committed is { } committed ? Lag == Math.Max(0, EndOffset - committed) : Lag >= 0 && Lag <= EndOffset;

        public static LagRow Read(JsonElement row) => new(
            row.GetProperty("partition").GetInt32(),
            row.GetProperty("endOffset").GetInt64(),
            row.TryGetProperty("committed", out var committed) && committed.ValueKind == JsonValueKind.Number ? committed.GetInt64() : null,
            row.GetProperty("lag").GetInt64());
    }
}
