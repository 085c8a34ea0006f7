using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer.Model;

/// <summary>What the brokers hold of each partition: events, records that are no events, and offsets without a record.</summary>
/// <param name="partitions">How many partitions.</param>
/// <param name="length">How many offsets each has.</param>
/// <param name="seed">Which offset holds what.</param>
/// <param name="topicId">The topic's id, which is every event's message too; null where there are no ids.</param>
/// <param name="oneIn">Of how many offsets one holds no event, and two hold nothing.</param>
internal sealed class ModelLog(int partitions, int length, int seed, string? topicId = null, int oneIn = 20)
{
    private readonly RecordKind[][] _records = [.. Enumerable.Range(0, partitions).Select(p => Fill(new Random(seed + p), length, oneIn))];

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
            : _records[partition][at] == RecordKind.Event ? Bench.Record(at, topicId ?? "m")
            : BufferedRecord.Of(new DeadLetter(Bench.Topic, partition, at, DeadLetterReason.EmptyValue, null, StoredEvents.Start, null, [], topicId), now);
    }

    private IEnumerable<long> Offsets(int partition, RecordKind kind) =>
        _records[partition].Select((record, offset) => (record, (long)offset)).Where(r => r.record == kind).Select(r => r.Item2);

    private static RecordKind[] Fill(Random random, int length, int oneIn) =>
        [.. Enumerable.Range(0, length).Select(_ => random.Next(oneIn) switch { 0 => RecordKind.NoEvent, 1 or 2 => RecordKind.Missing, _ => RecordKind.Event })];
}
