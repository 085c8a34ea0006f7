using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Consumer.Reading;

/// <summary>
/// A record between the poll loop and the database: an event to store, or a dead letter to send. The record's own bytes
/// stay with it until it is done, since the database may yet refuse the event.
/// </summary>
internal sealed class BufferedRecord
{
    /// <summary>What a record costs in memory beside its bytes, roughly: objects, strings and the queue's slot.</summary>
    private const int Overhead = 512;

    private BufferedRecord(long offset, byte[]? key, byte[]? value, long receivedAt)
    {
        Offset = offset;
        RawKey = key;
        RawValue = value;
        ReceivedAt = receivedAt;
        // The bytes themselves, and once more for the strings parsed from them.
        Bytes = Overhead + 2 * ((key?.Length ?? 0) + (value?.Length ?? 0));
    }

    public long Offset { get; }

    public byte[]? RawKey { get; }

    public byte[]? RawValue { get; }

    /// <summary>When the poll loop had it, as a timestamp of the time provider.</summary>
    public long ReceivedAt { get; }

    /// <summary>Its share of the buffer's bytes.</summary>
    public int Bytes { get; }

    /// <summary>The header that names the trace in which it was sent; null when it has none, or nobody records traces.</summary>
    public byte[]? TraceParent { get; private init; }

    public string Key { get; private init; } = "";

    /// <summary>The event to store; null when there is a dead letter instead.</summary>
    public LogEvent? Event { get; private set; }

    /// <summary>The dead letter; null when there is an event.</summary>
    public DeadLetter? Letter { get; private set; }

    /// <summary>Whether the brokers have acknowledged the dead letter: a batch that is written again does not send it again.</summary>
    public bool LetterAcknowledged { get; set; }

    public static BufferedRecord Of(
        long offset, byte[] key, byte[] value, string keyText, LogEvent logEvent, long receivedAt, byte[]? traceParent = null) =>
        new(offset, key, value, receivedAt) { Key = keyText, Event = logEvent, TraceParent = traceParent };

    public static BufferedRecord Of(DeadLetter letter, long receivedAt, byte[]? traceParent = null) =>
        new(letter.Offset, letter.Key, letter.Value, receivedAt) { Letter = letter, TraceParent = traceParent };

    /// <summary>The event is not to be stored after all.</summary>
    public void SetAside(DeadLetter letter)
    {
        Event = null;
        Letter = letter;
    }
}
