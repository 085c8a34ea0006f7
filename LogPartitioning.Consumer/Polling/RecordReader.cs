using System.Text;
using System.Text.Unicode;
using Confluent.Kafka;
using LogPartitioning.Consumer.Buffering;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Consumer.Polling;

/// <summary>Makes of a record an event to store or a dead letter. Never throws, whatever the bytes.</summary>
internal sealed class RecordReader(TimeProvider time)
{
    public BufferedRecord Read(ConsumeResult<byte[]?, byte[]?> record)
    {
        var now = time.GetTimestamp();
        var key = record.Message.Key;
        var value = record.Message.Value;
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
        if (!Utf8.IsValid(value))
        {
            return Refuse(DeadLetterReason.NotUtf8, "the value is not UTF-8");
        }
        if (!LogEventJson.TryParseRecord(value, out var logEvent, out var problem))
        {
            return Refuse(ReasonOf(problem, value), problem.ToString());
        }
        var keyText = Encoding.UTF8.GetString(key);
        return SourceSplits.IsKeyOf(keyText, logEvent.Source)
            ? BufferedRecord.Of(record.Offset.Value, key, value, keyText, logEvent, now)
            : Refuse(DeadLetterReason.KeyMismatch, "the key is not the source, nor one of its split keys");

        BufferedRecord Refuse(string reason, string detail) => BufferedRecord.Of(
            new DeadLetter(record.Topic, record.Partition.Value, record.Offset.Value, reason, detail, time.GetUtcNow(), key, value), now);
    }

    private static string ReasonOf(EventProblem problem, byte[] value) => problem.Field switch
    {
        EventProblem.WholeEvent => DeadLetterReason.MalformedJson,
        // The message's one rule about size; a value this long breaks it, or could.
        "message" when value.Length > EventRules.MaxMessageBytes => DeadLetterReason.TooLarge,
        _ => DeadLetterReason.InvalidField,
    };
}
