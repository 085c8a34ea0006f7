using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Consumer.Reading;

/// <summary>
/// A record between the poll loop and the database: an event to store, a dead letter to send, or neither where only the
/// position moves on. The record's own bytes
/// stay with it until it is done, since the database may yet refuse the event.
/// </summary>
internal sealed class BufferedRecord
{
    /// <summary>What a record costs in memory beside its bytes, roughly: objects and the queue's slot.</summary>
    private const int Overhead = 320;

    private BufferedRecord(long offset, byte[]? value, long receivedAt)
    {
        Offset = offset;
        RawValue = value;
        ReceivedAt = receivedAt;
        // The bytes themselves, and once more for those that are not read in their place.
        Bytes = Overhead + 2 * (value?.Length ?? 0);
    }

    public long Offset { get; }

    public byte[]? RawValue { get; }

    /// <summary>When the poll loop had it, as a timestamp of the time provider.</summary>
    public long ReceivedAt { get; }

    /// <summary>Its share of the buffer's bytes.</summary>
    public int Bytes { get; }

    /// <summary>The header that names the trace in which it was sent; null when it has none, or nobody records traces.</summary>
    public byte[]? TraceParent { get; private init; }

    /// <summary>The event to store; null when there is a dead letter instead.</summary>
    public LogRecord? Event { get; private set; }

    /// <summary>The dead letter; null when there is an event.</summary>
    public DeadLetter? Letter { get; private set; }

    /// <summary>Whether the brokers have acknowledged the dead letter: a batch that is written again does not send it again.</summary>
    public bool LetterAcknowledged { get; set; }

    public static BufferedRecord Of(LogRecord logged, byte[] value, long receivedAt, byte[]? traceParent = null, LogGap? gap = null) =>
        new(logged.Offset, value, receivedAt) { Event = logged, TraceParent = traceParent, Gap = gap };

    public static BufferedRecord Of(DeadLetter letter, long receivedAt, byte[]? traceParent = null, LogGap? gap = null) =>
        new(letter.Offset, letter.Value, receivedAt) { Letter = letter, TraceParent = traceParent, Gap = gap };

    /// <summary>No record: the end was reached, and the last offsets before it have none.</summary>
    /// <param name="next">The offset to read next.</param>
    /// <param name="receivedAt">When that was known.</param>
    /// <param name="gap">What is missing of these offsets.</param>
    public static BufferedRecord UpTo(long next, long receivedAt, LogGap? gap) => new(next - 1, null, receivedAt) { Gap = gap };

    /// <summary>Whether there is a record at all.</summary>
    public bool IsRecord => Event is not null || Letter is not null;

    /// <summary>What is missing right before it; null when nothing is.</summary>
    public LogGap? Gap { get; private init; }

    /// <summary>The event is not to be stored after all.</summary>
    public void SetAside(DeadLetter letter)
    {
        Event = null;
        Letter = letter;
    }
}
