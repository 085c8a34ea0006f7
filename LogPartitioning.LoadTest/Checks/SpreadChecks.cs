using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>Where the events of a run went, held against the partitioner and against what the gateway answers.</summary>
internal static class SpreadChecks
{
    private const int SourcesMapped = 20;

    /// <summary>
    /// Each source is on the one partition that its key belongs to, every partition is used, and none takes far more
    /// sources than the mean: at most five standard deviations of a fair throw of sources at partitions, which chance
    /// passes in less than one of a hundred thousand runs.
    /// </summary>
    public static CheckResult Distribution(IReadOnlyList<LedgerEntry> acknowledged, int partitions)
    {
        var homes = acknowledged.GroupBy(e => e.Source, StringComparer.Ordinal)
            .ToDictionary(source => source.Key, source => source.Select(e => e.Partition).Distinct().ToArray(), StringComparer.Ordinal);
        var wrong = homes.Where(home => home.Value.Length != 1 || home.Value[0] != KeyPartitioner.PartitionOf(home.Key, partitions)).ToArray();
        var counts = new int[partitions];
        foreach (var home in homes.Values.SelectMany(home => home).Where(home => home < partitions))
        {
            counts[home]++;
        }

        var mean = (double)homes.Count / partitions;
        var allowed = mean + (5 * Math.Sqrt(mean * (1 - (1.0 / partitions))));
        var figures = $"{homes.Count:N0} sources over {counts.Count(c => c > 0)} of {partitions} partitions, {counts.Min():N0} to {counts.Max():N0} each, imbalance {counts.Max() / mean:0.00}"
            + (wrong.Length > 0 ? $"; {wrong.Length:N0} sources are not where they belong, {wrong[0].Key} among them" : "");
        return new CheckResult(
            "distribution", wrong.Length == 0 && homes.Count > 0 && counts.Min() > 0 && counts.Max() <= allowed, figures);
    }

    /// <summary>For some sources: computed = answered = acknowledged = stored; and the answer for one never seen = computed.</summary>
    public static async Task<CheckResult> MappingAsync(
        IStoredEvents store, IReadOnlyList<LedgerEntry> acknowledged, string neverSeen, int partitions, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        var bySource = acknowledged.GroupBy(e => e.Source, StringComparer.Ordinal).OrderBy(s => s.Key, StringComparer.Ordinal).Take(SourcesMapped).ToArray();
        foreach (var source in bySource)
        {
            var computed = KeyPartitioner.PartitionOf(source.Key, partitions);
            var answered = await AnsweredAsync(store, source.Key, partitions, cancellationToken).ConfigureAwait(false);
            var acknowledgedAt = source.Select(e => e.Partition).Distinct().ToArray();
            var storedAt = new HashSet<int>();
            await foreach (var item in store.ReadAsync(source.Key, cancellationToken).ConfigureAwait(false))
            {
                storedAt.Add(item.Partition);
            }

            if (answered != computed || !acknowledgedAt.SequenceEqual([computed]) || !storedAt.SetEquals([computed]))
            {
                wrong.Add($"{source.Key}: computed {computed}, answered {answered?.ToString() ?? "nothing"}, acknowledged {string.Join("+", acknowledgedAt)}, stored {string.Join("+", storedAt)}");
            }
        }

        var unseen = await AnsweredAsync(store, neverSeen, partitions, cancellationToken).ConfigureAwait(false);
        if (unseen != KeyPartitioner.PartitionOf(neverSeen, partitions))
        {
            wrong.Add($"{neverSeen}, never seen: computed {KeyPartitioner.PartitionOf(neverSeen, partitions)}, answered {unseen?.ToString() ?? "nothing"}");
        }

        return new CheckResult(
            "mapping", wrong.Count == 0 && bySource.Length > 0,
            wrong.Count == 0
                ? $"{bySource.Length} sources: computed = answered = acknowledged = stored; 1 never seen: computed = answered"
                : string.Join("; ", wrong));
    }

    private static async Task<int?> AnsweredAsync(IStoredEvents store, string source, int partitions, CancellationToken cancellationToken)
    {
        var keys = await store.ReadKeysAsync(source, cancellationToken).ConfigureAwait(false);
        return keys.Keys is [var only] && keys.Partitions == partitions ? keys.KeyPartitions?[only] : null;
    }
}
