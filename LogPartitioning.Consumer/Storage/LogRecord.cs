using System.Text;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// An event with the place of its record in the partition. Its texts are the bytes that the store gets: of nearly every event, they are still
/// those of the record, and no text is made of them. That took the processor time and half of the objects of an event away.
/// </summary>
internal sealed class LogRecord
{
    // Half of a surrogate pair must not get into the store as a question mark.
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>An event whose parts were read in the value of its record.</summary>
    public LogRecord(long offset, string key, byte[] value, in RecordParts parts, bool hasSentTimestamp)
    {
        (Offset, Key, HasSentTimestamp) = (offset, key, hasSentTimestamp);
        (Id, Source, Level, Timestamp) = (parts.Id, parts.Source, parts.Level, parts.Timestamp);
        Message = parts.HasEscapes ? parts.Unescape(value) : value.AsMemory(parts.Message);
        Attributes = value.AsMemory(parts.Attributes);
    }

    /// <summary>An event that was read as a whole.</summary>
    public LogRecord(long offset, string key, LogEvent logEvent, bool hasSentTimestamp = false)
    {
        (Offset, Key, HasSentTimestamp) = (offset, key, hasSentTimestamp);
        (Id, Source, Level, Timestamp) = (logEvent.Id, logEvent.Source, logEvent.Level, logEvent.Timestamp.UtcDateTime);
        Message = s_utf8.GetBytes(logEvent.Message);
        Attributes = logEvent.Attributes is null ? default : s_utf8.GetBytes(logEvent.Attributes);
    }

    /// <summary>The record's offset.</summary>
    public long Offset { get; }

    /// <summary>The record's key: the unit of order.</summary>
    public string Key { get; }

    /// <summary>
    /// Whether the event's timestamp is known to be its sender's. Another one may be the time of receipt, and says nothing about whether the
    /// event was sent before.
    /// </summary>
    public bool HasSentTimestamp { get; }

    /// <summary>The event's id.</summary>
    public Guid Id { get; }

    /// <summary>Who logged it.</summary>
    public string Source { get; }

    /// <summary>How grave it is.</summary>
    public Severity Level { get; }

    /// <summary>When it happened, in UTC.</summary>
    public DateTime Timestamp { get; }

    /// <summary>Its text, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Message { get; }

    /// <summary>Its attributes, an object of JSON in UTF-8; empty where it has none.</summary>
    public ReadOnlyMemory<byte> Attributes { get; }

    /// <summary>The event as an object of its own, for the rare case that it is looked at closely.</summary>
    public LogEvent ToEvent() => new(
        Id, Source, Level, s_utf8.GetString(Message.Span), new(Timestamp, TimeSpan.Zero), Attributes.IsEmpty ? null : s_utf8.GetString(Attributes.Span));
}
