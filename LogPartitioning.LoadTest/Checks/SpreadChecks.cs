using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>Where the events of a run went, held against the partitioner and against what the gateway answers.</summary>
internal sealed class SpreadChecks(IReadOnlyList<LedgerEntry> acknowledged, int partitions)
{
    private const int SourcesMapped = 20;

    /// <summary>The partitions of each source, sources in order of their names.</summary>
    private readonly (string Source, int[] Partitions)[] _homes =
        [.. acknowledged.GroupBy(e => e.Source, StringComparer.Ordinal).OrderBy(source => source.Key, StringComparer.Ordinal)
            .Select(source => (source.Key, source.Select(e => e.Partition).Distinct().ToArray()))];

    /// <summary>
    /// Each source is on the one partition that its key belongs to, every partition is used, and none takes far more
    /// sources than the mean: at most five standard deviations of a fair throw of sources at partitions, which chance
    /// passes in less than one of a hundred thousand runs.
    /// </summary>
    public CheckResult Distribution()
    {
        var wrong = _homes.Where(home => !home.Partitions.SequenceEqual([Computed(home.Source)])).ToArray();
        var counts = Enumerable.Range(0, partitions).Select(partition => _homes.Count(home => home.Partitions.Contains(partition))).ToArray();
        var mean = (double)_homes.Length / partitions;
        var allowed = mean + (5 * Math.Sqrt(mean * (1 - (1.0 / partitions))));
        return new CheckResult(
            "distribution",
            wrong.Length == 0 && counts.Min() > 0 && counts.Max() <= allowed,
            $"{_homes.Length:N0} sources over {counts.Count(c => c > 0)} of {partitions} partitions, "
            + $"{counts.Min():N0} to {counts.Max():N0} each, imbalance {counts.Max() / mean:0.00}"
            + (wrong.Length > 0 ? $"; {wrong.Length:N0} sources are not where they belong, {wrong[0].Source} among them" : ""));
    }

    /// <summary>For some sources: computed = answered = acknowledged = stored; and the answer for one never seen = computed.</summary>
    public async Task<CheckResult> MappingAsync(
        GatewayReads gateway, IStoredEvents store, string neverSeen, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        var some = _homes.Take(SourcesMapped).ToArray();
        foreach (var (source, acknowledgedAt) in some)
        {
            var answered = await AnsweredAsync(gateway, source, cancellationToken);
            var storedAt = await store.ReadAsync(source, cancellationToken).Select(item => item.Partition).Distinct().ToArrayAsync(cancellationToken);
            int[] computed = [Computed(source)];
            if (!answered.SequenceEqual(computed) || !acknowledgedAt.SequenceEqual(computed) || !storedAt.SequenceEqual(computed))
            {
                wrong.Add($"{source}: computed {computed[0]}, answered {Text(answered)}, acknowledged {Text(acknowledgedAt)}, stored {Text(storedAt)}");
            }
        }

        var unseen = await AnsweredAsync(gateway, neverSeen, cancellationToken);
        if (!unseen.SequenceEqual([Computed(neverSeen)]))
        {
            wrong.Add($"{neverSeen}, never seen: computed {Computed(neverSeen)}, answered {Text(unseen)}");
        }

        return new CheckResult(
            "mapping",
            wrong.Count == 0 && some.Length > 0,
            wrong.Count == 0
                ? $"{some.Length} sources: computed = answered = acknowledged = stored; 1 never seen: computed = answered"
                : string.Join("; ", wrong));
    }

    private int Computed(string source) => KeyPartitioner.PartitionOf(source, partitions);

    private static string Text(int[] partitions) => partitions.Length == 0 ? "nothing" : string.Join("+", partitions);

    private static async Task<int[]> AnsweredAsync(GatewayReads gateway, string source, CancellationToken cancellationToken)
    {
        var mapping = await gateway.GetMappingAsync(source, cancellationToken);
        return [.. mapping.Sources.Where(s => s.Source == source).SelectMany(s => s.Keys).Select(key => key.Partition)];
    }
}
