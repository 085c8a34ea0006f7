using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>Holds what is stored of one source against what was acknowledged of it.</summary>
/// <param name="ledger">What was acknowledged.</param>
/// <param name="stored">What is stored, by partition and offset.</param>
/// <param name="keys">How the source is keyed now.</param>
/// <param name="report">Where faults and figures are added.</param>
internal sealed class SourceJudge(SourceLedger ledger, IReadOnlyList<StoredEvent> stored, SourceKeys keys, AuditReport report)
{
    public void Judge()
    {
        var byId = FindDuplicates();
        var found = new List<(LedgerEntry Entry, StoredEvent At)>(ledger.Acknowledged.Count);
        foreach (var entry in ledger.Acknowledged)
        {
            if (byId.TryGetValue(entry.Id, out var at))
            {
                found.Add((entry, at));
                JudgeContent(entry, at);
                JudgePlace(entry, at);
            }
            else
            {
                report.Add(FaultKind.Lost, () => $"{Name(entry)} was acknowledged at {entry.Partition}/{entry.Offset} and is not stored.");
            }
        }

        JudgeWritingOrder();
        JudgeClientOrder(found);
        JudgeSpread(found);
        report.Sources++;
        report.Acknowledged += ledger.Acknowledged.Count;
        report.Stored += found.Count;
        report.Retried += ledger.Acknowledged.Count(e => e.Retried);
        report.Unknown += ledger.Unknown.Count;
        report.UnknownStored += ledger.Unknown.Count(e => byId.ContainsKey(e.Id));
    }

    private Dictionary<Guid, StoredEvent> FindDuplicates()
    {
        // Only runs that the ledgers know are judged: the store may hold anybody's events of this source.
        var runs = ledger.Acknowledged.Select(e => e.Run).Concat(ledger.Unknown.Select(e => e.Run)).ToHashSet();
        var acknowledged = ledger.Acknowledged.Select(e => e.Id).ToHashSet();
        var byId = new Dictionary<Guid, StoredEvent>(stored.Count);
        var bySequence = new Dictionary<(Guid Run, long Sequence), StoredEvent>();
        foreach (var item in stored)
        {
            var ofKnownRun = item.Run is { } its && runs.Contains(its);
            if (!byId.TryAdd(item.Id, item))
            {
                if (ofKnownRun || acknowledged.Contains(item.Id))
                {
                    report.Add(FaultKind.Duplicated, () => $"{item.Source}, id {item.Id}, is stored at {At(byId[item.Id])} and at {At(item)}.");
                }
            }
            else if (ofKnownRun && item is { Run: { } run, Sequence: { } sequence } && !bySequence.TryAdd((run, sequence), item))
            {
                report.Add(FaultKind.Duplicated, () =>
                    $"{item.Source} #{sequence} of run {run} is stored under the ids {bySequence[(run, sequence)].Id} and {item.Id}.");
            }
        }

        return byId;
    }

    private void JudgeContent(LedgerEntry entry, StoredEvent at)
    {
        if (at.Hash != entry.Hash)
        {
            report.Add(FaultKind.Changed, () => $"{Name(entry)} is stored at {At(at)} with another message than the one sent.");
        }

        if (at.Source != entry.Source)
        {
            report.Add(FaultKind.Changed, () => $"{Name(entry)} is stored at {At(at)} as of source {at.Source}.");
        }
    }

    private void JudgePlace(LedgerEntry entry, StoredEvent at)
    {
        var samePartition = at.Partition == entry.Partition;
        if (samePartition && at.Offset > entry.Offset)
        {
            report.Add(FaultKind.OutOfOrder, () =>
                $"{Name(entry)} was acknowledged at {entry.Partition}/{entry.Offset} and is stored behind it, at {At(at)}.");
        }
        else if ((samePartition && at.Offset < entry.Offset) || (!samePartition && entry.Retried && keys.Split))
        {
            // An earlier attempt got through, this client's or the producer's own: its record stands first, or under
            // another key when the source was split between two attempts.
            report.EarlierCopies++;
        }
        else if (!samePartition)
        {
            report.Add(FaultKind.Misplaced, () => $"{Name(entry)} was acknowledged at {entry.Partition}/{entry.Offset} and is stored at {At(at)}.");
        }

        if ((at.Key ?? entry.Key) is { } key && keys.Partitions is { } partitions
            && KeyPartitioner.PartitionOf(key, partitions) is var expected && expected != at.Partition)
        {
            report.Add(FaultKind.Misplaced, () =>
                $"{Name(entry)} has the key {key}, which belongs to partition {expected} of {partitions}; it is stored at {At(at)}.");
        }
    }

    /// <summary>Each partition has to have been written in offset order.</summary>
    private void JudgeWritingOrder()
    {
        var last = new Dictionary<int, StoredEvent>();
        foreach (var item in stored)
        {
            var before = last.GetValueOrDefault(item.Partition, item);
            if (item.StoredAt < before.StoredAt)
            {
                report.Add(FaultKind.OutOfOrder, () =>
                    $"{item.Source}: {At(item)} was written {(before.StoredAt - item.StoredAt)!.Value.TotalSeconds:0.###} s before {At(before)}.");
            }
            else
            {
                last[item.Partition] = item;
            }
        }
    }

    /// <summary>
    /// Events that were sent once stand in the client's order, for each run and key. One that was sent again may stand
    /// behind its neighbours: between the attempts they went through.
    /// </summary>
    private void JudgeClientOrder(List<(LedgerEntry Entry, StoredEvent At)> found)
    {
        foreach (var stream in found.Where(f => !f.Entry.Retried).GroupBy(f => (f.Entry.Run, f.At.Partition, f.At.Key ?? f.Entry.Key)))
        {
            var highest = 0L;
            foreach (var (entry, at) in stream.OrderBy(f => f.At.Offset))
            {
                if (entry.Sequence < highest)
                {
                    var later = highest;
                    report.Add(FaultKind.OutOfOrder, () => $"{Name(entry)} is stored at {At(at)}, behind #{later}, which was sent after it.");
                }

                highest = Math.Max(highest, entry.Sequence);
            }
        }
    }

    /// <summary>A source that was never split is on one partition.</summary>
    private void JudgeSpread(List<(LedgerEntry Entry, StoredEvent At)> found)
    {
        if (keys.Split || found.Any(f => (f.At.Key ?? f.Entry.Key) is { } key && key != ledger.Source))
        {
            return;
        }

        foreach (var (entry, at) in found.Where(f => f.At.Partition != found[0].At.Partition))
        {
            report.Add(FaultKind.Misplaced, () =>
                $"{Name(entry)} is stored at {At(at)}, though {ledger.Source} is not split and has events in partition {found[0].At.Partition}.");
        }
    }

    private static string Name(LedgerEntry entry) => $"{entry.Source} #{entry.Sequence} (id {entry.Id})";

    private static string At(StoredEvent item) => $"{item.Partition}/{item.Offset}";
}
