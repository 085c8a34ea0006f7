using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>How far an audit is.</summary>
/// <param name="Step">What it does now, in words.</param>
/// <param name="Done">Acknowledged events found so far.</param>
/// <param name="Total">Acknowledged events in all.</param>
public sealed record AuditProgress(string Step, long Done, long Total);

/// <summary>
/// Holds a store to what was acknowledged: every event there, once, in order, unchanged, where it belongs. Judges when
/// the store has passed every acknowledged offset: until then an event that is missing may still be on its way, and a
/// second copy too.
/// </summary>
public sealed class Audit(IStoredEvents store, TimeProvider? time = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Judges ledgers.</summary>
    /// <param name="ledgers">What was acknowledged.</param>
    /// <param name="wait">How long the store may take to catch up; then what is missing counts as lost.</param>
    /// <param name="progress">Told how far the audit is.</param>
    /// <param name="cancellationToken">Ends the audit without a verdict.</param>
    public async Task<AuditReport> RunAsync(
        IReadOnlyList<LedgerContents> ledgers, TimeSpan wait, IProgress<AuditProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ledgers);
        var open = BySource(ledgers);
        var total = open.Sum(s => (long)s.Acknowledged.Count);
        var settled = new AuditTally();
        var startedAt = _time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            // What the store has passed, as known before a source is read: what lies below is found in it, or is lost.
            var passed = new Dictionary<int, long>(await store.ReadNextOffsetsAsync(cancellationToken).ConfigureAwait(false));
            var readAt = _time.GetTimestamp();
            var last = _time.GetElapsedTime(startedAt) >= wait;
            var behind = new List<SourceLedger>();
            var unsettled = new AuditTally();
            var partitionsBehind = new SortedSet<int>();
            foreach (var source in open)
            {
                progress?.Report(new AuditProgress($"reading {source.Source}", settled.Stored + unsettled.Stored, total));
                var tally = await JudgeAsync(source, passed, cancellationToken).ConfigureAwait(false);
                var late = HighestOffsets(source).Where(h => passed.GetValueOrDefault(h.Key) <= h.Value).Select(h => h.Key).ToArray();
                if (late.Length == 0)
                {
                    settled.Add(tally);
                    continue;
                }

                behind.Add(source);
                unsettled.Add(tally);
                partitionsBehind.UnionWith(late);
            }

            if (behind.Count == 0 || last)
            {
                settled.Add(unsettled);
                return settled.Report(caughtUp: behind.Count == 0);
            }

            open = behind;
            progress?.Report(new AuditProgress(
                $"waiting for the consumers, partition{(partitionsBehind.Count > 1 ? "s" : "")} {string.Join(", ", partitionsBehind)}",
                settled.Stored + unsettled.Stored, total));
            // A large history is read as often as it is written, not without end.
            var took = _time.GetElapsedTime(readAt);
            await Task.Delay(pause > took ? pause : took, _time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task<AuditTally> JudgeAsync(SourceLedger source, Dictionary<int, long> passed, CancellationToken cancellationToken)
    {
        var stored = new List<StoredEvent>(source.Acknowledged.Count);
        await foreach (var item in store.ReadAsync(source.Source, cancellationToken).ConfigureAwait(false))
        {
            stored.Add(item);
            // Partitions are stored in offset order, so all before this event is stored too. Holds for this source and
            // those read after it; the ones read before it were judged by what was known then.
            passed[item.Partition] = Math.Max(passed.GetValueOrDefault(item.Partition), item.Offset + 1);
        }

        var keys = await store.ReadKeysAsync(source.Source, cancellationToken).ConfigureAwait(false);
        return SourceJudge.Judge(source, stored, keys);
    }

    private static List<SourceLedger> BySource(IReadOnlyList<LedgerContents> ledgers)
    {
        var acknowledged = ledgers.SelectMany(l => l.Entries).ToLookup(e => e.Source, StringComparer.Ordinal);
        var unknown = ledgers.SelectMany(l => l.Unknown).ToLookup(e => e.Source, StringComparer.Ordinal);
        return [.. acknowledged.Select(g => g.Key).Union(unknown.Select(g => g.Key)).Order(StringComparer.Ordinal)
            .Select(source => new SourceLedger(source, [.. acknowledged[source]], [.. unknown[source]]))];
    }

    private static Dictionary<int, long> HighestOffsets(SourceLedger source) => source.Acknowledged
        .GroupBy(e => e.Partition)
        .ToDictionary(g => g.Key, g => g.Max(e => e.Offset));
}
