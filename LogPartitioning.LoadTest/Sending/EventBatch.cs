using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>The events of one request, in order.</summary>
internal sealed class EventBatch
{
    /// <summary>
    /// Bytes of messages in one batch. JSON writes a byte as six at worst, so a body stays under the 16 MiB that the
    /// door takes.
    /// </summary>
    public const int MaxMessageBytes = 2 * 1024 * 1024;

    /// <summary>Events that the door takes in one request.</summary>
    public const int MaxEvents = 10_000;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<OutgoingEvent> _events = [];

    public IReadOnlyList<OutgoingEvent> Events => _events;

    public int MessageBytes { get; private set; }

    public bool IsFull => MessageBytes >= MaxMessageBytes || _events.Count >= MaxEvents;

    public void Add(OutgoingEvent logEvent, int messageBytes)
    {
        _events.Add(logEvent);
        MessageBytes += messageBytes;
    }

    public void Clear()
    {
        _events.Clear();
        MessageBytes = 0;
    }

    /// <summary>
    /// Writes events as NDJSON. The run and the sequence travel as attributes: the audit finds by them an event that
    /// was stored under a second id.
    /// </summary>
    public static void WriteNdjson(IReadOnlyList<OutgoingEvent> events, Guid run, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, Relaxed);
        foreach (var logEvent in events)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, logEvent.Id);
            writer.WriteString("source"u8, logEvent.Source);
            writer.WriteString("level"u8, logEvent.Level);
            writer.WriteString("message"u8, logEvent.Message);
            writer.WriteString("timestamp"u8, logEvent.Timestamp.UtcDateTime);
            writer.WriteStartObject("attributes"u8);
            writer.WriteString(LedgerEntry.RunAttribute, run);
            writer.WriteNumber(LedgerEntry.SequenceAttribute, logEvent.Sequence);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.Flush();
            writer.Reset();
            output.Write("\n"u8);
        }
    }
}
