using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>
/// Holds a store to what was acknowledged: every event there, once, in order, unchanged, where it belongs. Judges a
/// source when the store has passed its every acknowledged offset: until then an event that is missing may still be on
/// its way, and a second copy too.
/// </summary>
internal sealed class Audit(IStoredEvents store, TimeProvider? time = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>What it does now, in words.</summary>
    public string Step { get; private set; } = "starting";

    /// <summary>Acknowledged events found so far, as a share of all, 0 to 1.</summary>
    public double Fraction { get; private set; }

    /// <summary>Judges ledgers.</summary>
    /// <param name="ledgers">What was acknowledged.</param>
    /// <param name="wait">How long the store may take to catch up; then what is missing counts as lost.</param>
    /// <param name="cancellationToken">Ends the audit without a verdict.</param>
    public async Task<AuditReport> RunAsync(IReadOnlyList<LedgerContents> ledgers, TimeSpan wait, CancellationToken cancellationToken)
    {
        var open = SourceLedger.BySource(ledgers);
        var total = open.Sum(s => (double)s.Acknowledged.Count);
        var report = new AuditReport();
        var startedAt = _time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            // What the store has passed, as known before a source is read: what lies below is found in it, or is lost.
            var passed = await store.ReadNextOffsetsAsync(cancellationToken);
            var readAt = _time.GetTimestamp();
            var last = _time.GetElapsedTime(startedAt) >= wait;
            var behind = new List<SourceLedger>();
            var partitionsBehind = new SortedSet<int>();
            var found = 0L;
            foreach (var source in open)
            {
                Step = $"reading {source.Source}";
                Fraction = (report.Stored + found) / Math.Max(1, total);
                var stored = await ReadAsync(source.Source, cancellationToken);
                var late = source.HighestOffsets.Where(h => passed.GetValueOrDefault(h.Key) <= h.Value).Select(h => h.Key).ToArray();
                if (late.Length == 0 || last)
                {
                    new SourceJudge(source, stored, await store.ReadKeysAsync(source.Source, cancellationToken), report).Judge();
                }

                if (late.Length > 0)
                {
                    behind.Add(source);
                    partitionsBehind.UnionWith(late);
                    found += Math.Min(stored.Count, source.Acknowledged.Count);
                }
            }

            if (behind.Count == 0 || last)
            {
                (Step, Fraction) = ("audited", 1);
                report.CaughtUp = behind.Count == 0;
                return report;
            }

            open = behind;
            Step = $"waiting for the consumers, partition{(partitionsBehind.Count > 1 ? "s" : "")} {string.Join(", ", partitionsBehind)}";
            // A large history is read as often as it is written, not without end.
            var took = _time.GetElapsedTime(readAt);
            await Task.Delay(pause > took ? pause : took, _time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>In the order in which they are stored. A reader gives them by their timestamps, which may be of several clocks.</summary>
    private async Task<List<StoredEvent>> ReadAsync(string source, CancellationToken cancellationToken)
    {
        var stored = new List<StoredEvent>();
        await foreach (var item in store.ReadAsync(source, cancellationToken))
        {
            stored.Add(item);
        }

        return [.. stored.OrderBy(item => item.Partition).ThenBy(item => item.Offset)];
    }
}
