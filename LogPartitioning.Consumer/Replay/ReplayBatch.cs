using Confluent.Kafka;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Replay;

namespace LogPartitioning.Consumer.Replay;

/// <summary>What a replay has read at once, sorted by the same rules as records that are consumed for the first time.</summary>
/// <param name="Events">The events by partition, in offset order.</param>
/// <param name="Poison">Records that the consumer set aside when it first met them; they are not dead-lettered again.</param>
/// <param name="Next">The position of each partition after the batch.</param>
/// <param name="Records">Records read.</param>
internal sealed record ReplayBatch(
    IReadOnlyList<PartitionBatch> Events,
    IReadOnlyList<ReplayPoison> Poison,
    IReadOnlyDictionary<int, long> Next,
    int Records)
{
    /// <summary>Reads and sorts.</summary>
    /// <param name="records">What was read.</param>
    /// <param name="reader">Makes events of it.</param>
    /// <param name="logs">Which of their logs the partitions are in.</param>
    public static ReplayBatch Of(IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> records, RecordReader reader, IReadOnlyDictionary<int, short> logs)
    {
        var read = records.Select(r => (Partition: r.Partition.Value, Record: reader.Read(r))).ToList();
        return new(
            // The store's own insert takes batches; a replay claims nothing and moves nothing, so epoch and ends say nothing.
            [
                .. from r in read
                   where r.Record.Event is not null
                   group r.Record.Event by r.Partition into events
                   orderby events.Key
                   select new PartitionBatch(events.Key, 0, events.First().Offset, events.Last().Offset + 1, [.. events]) { Log = logs.GetValueOrDefault(events.Key, (short)1) },
            ],
            [.. from r in read where r.Record.Letter is not null select new ReplayPoison(r.Partition, r.Record.Offset, r.Record.Letter!.Detail ?? r.Record.Letter.Reason)],
            read.GroupBy(r => r.Partition).ToDictionary(p => p.Key, p => p.Last().Record.Offset + 1),
            records.Count);
    }

    /// <summary>The progress once the batch is stored.</summary>
    /// <param name="before">The progress before it.</param>
    /// <param name="inserted">What of it the store did not have, and what it refused as no retry: the consumer had set that aside, too.</param>
    public ReplayProgress AddTo(ReplayProgress before, InsertOutcome inserted)
    {
        var stored = inserted.Stored.Values.Sum();
        var poison = Poison.Concat(inserted.Conflicts.Select(c => new ReplayPoison(c.Partition, c.Offset, c.Detail))).ToList();
        return new(
            before.Records + Records,
            before.Stored + stored,
            before.AlreadyStored + Events.Sum(e => e.Records.Count) - stored - inserted.Conflicts.Count,
            before.Poison + poison.Count,
            [.. before.FirstPoison.Concat(poison).Take(ReplayProgress.MaxPoison)],
            [.. before.Partitions.Select(p => Next.TryGetValue(p.Partition, out var next) ? p with { Next = next } : p)],
            before.TopicId);
    }
}
