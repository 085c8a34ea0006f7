using System.Text.Unicode;
using Confluent.Kafka;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Consumer.Reading;

/// <summary>Makes of a record an event to store or a dead letter. Never throws, whatever the bytes. Not thread-safe: each thread that reads has its own.</summary>
/// <param name="time">Tells when a record was there.</param>
/// <param name="topic">The topic; null where each record names it, which costs a text for each.</param>
internal sealed class RecordReader(TimeProvider time, string? topic = null)
{
    private byte[]? _lastTraceParent;

    /// <param name="record">The record.</param>
    /// <param name="gap">What is missing right before it.</param>
    /// <param name="topicId">The topic that it is of, where the brokers have ids for topics.</param>
    public BufferedRecord Read(ConsumeResult<byte[]?, byte[]?> record, LogGap? gap = null, string? topicId = null)
    {
        var now = time.GetTimestamp();
        var key = record.Message.Key;
        var value = record.Message.Value;
        var traceParent = ConsumerTraces.AreRecorded ? TraceParentOf(record) : null;
        if (value is null or [])
        {
            return Refuse(DeadLetterReason.EmptyValue, value is null ? "the value is null" : "the value has no bytes");
        }
        if (key is null)
        {
            return Refuse(DeadLetterReason.MissingKey, "without a key a record has no place in the order of its source");
        }
        if (!Utf8.IsValid(key))
        {
            return Refuse(DeadLetterReason.NotUtf8, "the key is not UTF-8");
        }
        var keyText = SourceTexts.Of(key);
        LogRecord logged;
        if (RecordParts.TryRead(value, out var parts))
        {
            logged = new(record.Offset.Value, keyText, value, parts, SentTimestamp.IsIn(record.Message.Headers));
        }
        else if (!Utf8.IsValid(value))
        {
            return Refuse(DeadLetterReason.NotUtf8, "the value is not UTF-8");
        }
        else if (LogEventJson.TryParseRecord(value, out var logEvent, out var problem))
        {
            logged = new(record.Offset.Value, keyText, logEvent, SentTimestamp.IsIn(record.Message.Headers));
        }
        else
        {
            return Refuse(ReasonOf(problem, value), problem.ToString());
        }
        return SourceSplits.IsKeyOf(keyText, logged.Source)
            ? BufferedRecord.Of(logged, value, now, traceParent, gap)
            : Refuse(DeadLetterReason.KeyMismatch, "the key is not the source, nor one of its split keys");

        BufferedRecord Refuse(string reason, string detail) => BufferedRecord.Of(
            new DeadLetter(topic ?? record.Topic, record.Partition.Value, record.Offset.Value, reason, detail, time.GetUtcNow(), key, value, topicId), now, traceParent, gap);
    }

    /// <summary>The same bytes again when they are those of the record before, as all records of a request have them.</summary>
    private byte[]? TraceParentOf(ConsumeResult<byte[]?, byte[]?> record)
    {
        var found = TraceHeader.Find(record.Message.Headers);
        if (found is null)
        {
            return null;
        }
        if (!found.AsSpan().SequenceEqual(_lastTraceParent))
        {
            _lastTraceParent = found;
        }
        return _lastTraceParent;
    }

    private static string ReasonOf(EventProblem problem, byte[] value) => problem.Field switch
    {
        EventProblem.WholeEvent => DeadLetterReason.MalformedJson,
        // The message's one rule about size; a value this long breaks it, or could.
        "message" when value.Length > EventRules.MaxMessageBytes => DeadLetterReason.TooLarge,
        _ => DeadLetterReason.InvalidField,
    };
}
