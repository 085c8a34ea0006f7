using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>What the ledgers say of one source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Acknowledged">Its acknowledged events, of any number of runs.</param>
/// <param name="Unknown">Its events with an unknown outcome.</param>
internal sealed record SourceLedger(
    string Source, IReadOnlyList<LedgerEntry> Acknowledged, IReadOnlyList<UnknownEntry> Unknown);

/// <summary>Holds what is stored of one source against what was acknowledged of it.</summary>
internal static class SourceJudge
{
    public static AuditTally Judge(SourceLedger ledger, IReadOnlyList<StoredEvent> stored, SourceKeys keys)
    {
        var tally = new AuditTally
        {
            Sources = 1,
            Acknowledged = ledger.Acknowledged.Count,
            Retried = ledger.Acknowledged.Count(e => e.Retried),
            Unknown = ledger.Unknown.Count,
        };
        var byId = FindDuplicates(ledger, stored, tally);
        tally.UnknownStored = ledger.Unknown.Count(e => byId.ContainsKey(e.Id));
        var found = new List<(LedgerEntry Entry, StoredEvent Stored)>(ledger.Acknowledged.Count);
        foreach (var entry in ledger.Acknowledged)
        {
            if (byId.TryGetValue(entry.Id, out var at))
            {
                found.Add((entry, at));
                JudgePlace(entry, at, keys, tally);
            }
            else
            {
                tally.Fault(FaultKind.Lost, () => $"{Name(entry)} was acknowledged at {At(entry.Partition, entry.Offset)} and is not stored.");
            }
        }

        tally.Stored = found.Count;
        JudgeReadingOrder(stored, tally);
        JudgeClientOrder(found, tally);
        JudgeSpread(ledger.Source, found, keys, tally);
        return tally;
    }

    private static Dictionary<Guid, StoredEvent> FindDuplicates(
        SourceLedger ledger, IReadOnlyList<StoredEvent> stored, AuditTally tally)
    {
        // Only runs that the ledgers know are judged: the store may hold anybody's events of this source.
        var runs = ledger.Acknowledged.Select(e => e.Run).Concat(ledger.Unknown.Select(e => e.Run)).ToHashSet();
        var acknowledged = ledger.Acknowledged.Select(e => e.Id).ToHashSet();
        var byId = new Dictionary<Guid, StoredEvent>(stored.Count);
        var bySequence = new Dictionary<(Guid Run, long Sequence), StoredEvent>();
        foreach (var item in stored)
        {
            if (!byId.TryAdd(item.Id, item))
            {
                if (acknowledged.Contains(item.Id) || (item.Run is { } its && runs.Contains(its)))
                {
                    var first = byId[item.Id];
                    tally.Fault(FaultKind.Duplicated, () =>
                        $"{item.Source}, id {item.Id}, is stored at {At(first.Partition, first.Offset)} and at {At(item.Partition, item.Offset)}.");
                }
            }
            else if (item is { Run: { } run, Sequence: { } sequence } && runs.Contains(run) && !bySequence.TryAdd((run, sequence), item))
            {
                var first = bySequence[(run, sequence)];
                tally.Fault(FaultKind.Duplicated, () =>
                    $"{item.Source} #{sequence} of run {run} is stored under the ids {first.Id} and {item.Id}.");
            }
        }

        return byId;
    }

    private static void JudgePlace(LedgerEntry entry, StoredEvent at, SourceKeys keys, AuditTally tally)
    {
        if (at.Hash != entry.Hash)
        {
            tally.Fault(FaultKind.Changed, () => $"{Name(entry)} is stored at {At(at.Partition, at.Offset)} with another message than the one sent.");
        }

        if (at.Source != entry.Source)
        {
            tally.Fault(FaultKind.Changed, () => $"{Name(entry)} is stored at {At(at.Partition, at.Offset)} as of source {at.Source}.");
        }

        if (at.Partition == entry.Partition)
        {
            if (at.Offset > entry.Offset)
            {
                tally.Fault(FaultKind.OutOfOrder, () =>
                    $"{Name(entry)} was acknowledged at {At(entry.Partition, entry.Offset)} and is stored behind it, at {At(at.Partition, at.Offset)}.");
            }
            else if (at.Offset < entry.Offset)
            {
                // An earlier attempt got through, this client's or the producer's own: its record stands first.
                tally.EarlierCopies++;
            }
        }
        else if (entry.Retried && keys.Keys.Count > 1)
        {
            // The source was split between two attempts, and the earlier one got through under its other key.
            tally.EarlierCopies++;
        }
        else
        {
            tally.Fault(FaultKind.Misplaced, () =>
                $"{Name(entry)} was acknowledged at {At(entry.Partition, entry.Offset)} and is stored at {At(at.Partition, at.Offset)}.");
        }

        if ((at.Key ?? entry.Key) is { } key && keys.Partitions is { } partitions
            && KeyPartitioner.PartitionOf(key, partitions) is var expected && expected != at.Partition)
        {
            tally.Fault(FaultKind.Misplaced, () =>
                $"{Name(entry)} has the key {key}, which belongs to partition {expected} of {partitions}; it is stored at {At(at.Partition, at.Offset)}.");
        }
    }

    /// <summary>Each partition has to come back in offset order, and to have been written in it.</summary>
    private static void JudgeReadingOrder(IReadOnlyList<StoredEvent> stored, AuditTally tally)
    {
        var last = new Dictionary<int, StoredEvent>();
        foreach (var item in stored)
        {
            if (last.TryGetValue(item.Partition, out var before))
            {
                if (item.Offset < before.Offset)
                {
                    tally.Fault(FaultKind.OutOfOrder, () =>
                        $"{item.Source}: the store gives {At(item.Partition, item.Offset)} after {At(before.Partition, before.Offset)}.");
                    continue;
                }

                if (item.StoredAt < before.StoredAt)
                {
                    tally.Fault(FaultKind.OutOfOrder, () =>
                        $"{item.Source}: {At(item.Partition, item.Offset)} was written {(before.StoredAt - item.StoredAt)!.Value.TotalSeconds:0.###} s before {At(before.Partition, before.Offset)}.");
                    continue;
                }
            }

            last[item.Partition] = item;
        }
    }

    /// <summary>
    /// Events that were sent once stand in the client's order, for each run and key. One that was sent again may stand
    /// behind its neighbours: between the attempts they went through.
    /// </summary>
    private static void JudgeClientOrder(List<(LedgerEntry Entry, StoredEvent Stored)> found, AuditTally tally)
    {
        var streams = found
            .Where(f => !f.Entry.Retried)
            .GroupBy(f => (f.Entry.Run, f.Stored.Partition, f.Stored.Key ?? f.Entry.Key));
        foreach (var stream in streams)
        {
            LedgerEntry? before = null;
            foreach (var (entry, at) in stream.OrderBy(f => f.Stored.Offset))
            {
                if (before is not null && entry.Sequence < before.Sequence)
                {
                    var later = before;
                    tally.Fault(FaultKind.OutOfOrder, () =>
                        $"{Name(entry)} is stored at {At(at.Partition, at.Offset)}, behind #{later.Sequence}, which was sent after it.");
                    continue;
                }

                before = entry;
            }
        }
    }

    private static void JudgeSpread(
        string source, List<(LedgerEntry Entry, StoredEvent Stored)> found, SourceKeys keys, AuditTally tally)
    {
        var split = keys.Keys.Count > 1 || found.Any(f => (f.Stored.Key ?? f.Entry.Key) is { } key && key != source);
        if (split || found.Count == 0)
        {
            return;
        }

        var home = found[0].Stored.Partition;
        foreach (var (entry, at) in found.Where(f => f.Stored.Partition != home))
        {
            tally.Fault(FaultKind.Misplaced, () =>
                $"{Name(entry)} is stored at {At(at.Partition, at.Offset)}, though {source} is not split and has events in partition {home}.");
        }
    }

    private static string Name(LedgerEntry entry) => $"{entry.Source} #{entry.Sequence} (id {entry.Id})";

    private static string At(int partition, long offset) => $"{partition}/{offset}";
}
