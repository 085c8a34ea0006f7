using System.Text;
using Confluent.Kafka;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Core.Replay;

/// <summary>Sorts what a replay reads into events and poison, and counts both.</summary>
internal sealed class ReplayTally
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly Dictionary<int, ReplayPartitionProgress> _partitions;
    private readonly List<ReplayPoison> _firstPoison = [];
    private long _records;
    private long _stored;
    private long _alreadyStored;
    private long _poison;

    public ReplayTally(IReadOnlyList<OffsetRange> ranges) =>
        _partitions = ReplayProgress.Start(ranges).Partitions.ToDictionary(p => p.Partition);

    /// <summary>The events among the records, by partition and in offset order. Poison is noted and left out.</summary>
    public IReadOnlyList<PartitionBatch> Sort(IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> records)
    {
        var events = new Dictionary<int, List<LogRecord>>();
        foreach (var record in records)
        {
            var partition = record.Partition.Value;
            if (Read(record.Offset.Value, record.Message.Key, record.Message.Value, out var problem) is not { } good)
            {
                NotePoison(new ReplayPoison(partition, record.Offset.Value, problem));
                continue;
            }
            if (!events.TryGetValue(partition, out var list))
            {
                events.Add(partition, list = []);
            }
            list.Add(good);
        }
        // The store's own insert takes batches; a replay claims nothing and moves nothing, so epoch and ends say nothing.
        return [.. events.OrderBy(p => p.Key).Select(p => new PartitionBatch(p.Key, 0, p.Value[0].Offset, p.Value[^1].Offset + 1, p.Value))];
    }

    /// <summary>Counts a batch once it is stored.</summary>
    public void Count(IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> records, IReadOnlyList<PartitionBatch> batches, int stored)
    {
        _records += records.Count;
        _stored += stored;
        _alreadyStored += batches.Sum(b => b.Records.Count) - stored;
        foreach (var record in records)
        {
            var partition = record.Partition.Value;
            _partitions[partition] = _partitions[partition] with { Next = record.Offset.Value + 1 };
        }
    }

    /// <summary>Offsets without a record may lie at the end of a range; they are done with when the range is.</summary>
    public void Finish()
    {
        foreach (var (partition, progress) in _partitions.ToList())
        {
            _partitions[partition] = progress with { Next = Math.Max(progress.Next, progress.To) };
        }
    }

    public ReplayProgress Progress() =>
        new(_records, _stored, _alreadyStored, _poison, [.. _firstPoison], [.. _partitions.Values.OrderBy(p => p.Partition)]);

    private void NotePoison(ReplayPoison poison)
    {
        _poison++;
        if (_firstPoison.Count < ReplayProgress.MaxPoison)
        {
            _firstPoison.Add(poison);
        }
    }

    private static LogRecord? Read(long offset, byte[]? key, byte[]? value, out string problem)
    {
        problem = "";
        if (key is null)
        {
            problem = "key is missing";
            return null;
        }
        if (!LogEventJson.TryParseRecord(value ?? [], out var logEvent, out var broken))
        {
            problem = broken.ToString();
            return null;
        }
        try
        {
            var keyText = StrictUtf8.GetString(key);
            if (SourceSplits.IsKeyOf(keyText, logEvent.Source))
            {
                return new LogRecord(offset, keyText, logEvent);
            }
            // The consumer set it aside; stored now, it would stand where the order of its source is not kept.
            problem = "key is not the source, nor one of its split keys";
            return null;
        }
        catch (DecoderFallbackException)
        {
            problem = "key is not UTF-8";
            return null;
        }
    }
}
