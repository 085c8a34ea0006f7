using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>What the ledgers say of one source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Acknowledged">Its acknowledged events, of any number of runs.</param>
/// <param name="Unknown">Its events with an unknown outcome.</param>
internal sealed record SourceLedger(
    string Source, IReadOnlyList<LedgerEntry> Acknowledged, IReadOnlyList<UnknownEntry> Unknown)
{
    /// <summary>For each partition the highest acknowledged offset.</summary>
    public IReadOnlyDictionary<int, long> HighestOffsets { get; } = LedgerEntry.HighestOffsets(Acknowledged);

    public static List<SourceLedger> BySource(IReadOnlyList<LedgerContents> ledgers)
    {
        var acknowledged = ledgers.SelectMany(l => l.Entries).ToLookup(e => e.Source, StringComparer.Ordinal);
        var unknown = ledgers.SelectMany(l => l.Unknown).ToLookup(e => e.Source, StringComparer.Ordinal);
        return [.. acknowledged.Select(g => g.Key).Union(unknown.Select(g => g.Key)).Order(StringComparer.Ordinal)
            .Select(source => new SourceLedger(source, [.. acknowledged[source]], [.. unknown[source]]))];
    }
}
