using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer.Model;

/// <summary>What the brokers hold of each partition: events, records that are no events, and offsets without a record.</summary>
internal sealed class ModelLog(int partitions, int length, int seed)
{
    private readonly RecordKind[][] _records = [.. Enumerable.Range(0, partitions).Select(p => Fill(new Random(seed + p), length))];

    private enum RecordKind
    {
        Event,
        NoEvent,
        Missing,
    }

    /// <summary>How many offsets each partition has.</summary>
    public int Length => length;

    /// <summary>The offsets of a partition that have to be stored, each once.</summary>
    public IEnumerable<long> Events(int partition) => Offsets(partition, RecordKind.Event);

    /// <summary>The offsets of a partition that have to be among the dead letters.</summary>
    public IEnumerable<long> NoEvents(int partition) => Offsets(partition, RecordKind.NoEvent);

    /// <summary>The next record from an offset on; at the end what follows the last one, as the client tells it.</summary>
    public BufferedRecord Read(int partition, long offset)
    {
        var at = (int)offset;
        while (at < length && _records[partition][at] == RecordKind.Missing)
        {
            at++;
        }

        var now = TimeProvider.System.GetTimestamp();
        return at == length ? BufferedRecord.UpTo(length, now, null)
            : _records[partition][at] == RecordKind.Event ? Bench.Record(at)
            : BufferedRecord.Of(new DeadLetter(Bench.Topic, partition, at, DeadLetterReason.EmptyValue, null, StoredEvents.Start, null, []), now);
    }

    private IEnumerable<long> Offsets(int partition, RecordKind kind) =>
        _records[partition].Select((record, offset) => (record, (long)offset)).Where(r => r.record == kind).Select(r => r.Item2);

    private static RecordKind[] Fill(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(_ => random.Next(20) switch { 0 => RecordKind.NoEvent, 1 or 2 => RecordKind.Missing, _ => RecordKind.Event })];
}
