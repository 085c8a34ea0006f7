using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPartitioning.Core.Events;

/// <summary>An event as the value of a record: UTF-8 JSON with every field but empty attributes.</summary>
public static class LogEventJson
{
    private static readonly JsonWriterOptions Compact = new()
    {
        // The value is read by JSON readers, never put into a page of HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Writes a valid event. <see cref="TryParseRecord"/> reads back an equal one.</summary>
    public static byte[] Serialize(LogEvent logEvent)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        var buffer = new ArrayBufferWriter<byte>(192 + logEvent.Message.Length + (logEvent.Attributes?.Length ?? 0));
        using var writer = new Utf8JsonWriter(buffer, Compact);
        writer.WriteStartObject();
        writer.WriteString("id"u8, logEvent.Id);
        writer.WriteString("source"u8, logEvent.Source);
        writer.WriteString("level"u8, SeverityNames.Of(logEvent.Level));
        writer.WriteString("message"u8, logEvent.Message);
        writer.WriteString("timestamp"u8, Rfc3339.Format(logEvent.Timestamp));
        if (logEvent.Attributes is { } attributes)
        {
            writer.WritePropertyName("attributes"u8);
            writer.WriteRawValue(attributes, skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads the value of a record strictly: every field but <c>attributes</c> is there, the level by its canonical
    /// name, and each rule holds that holds for a request. Never throws, whatever the bytes.
    /// </summary>
    /// <param name="value">The record's value.</param>
    /// <param name="logEvent">The event, when there is one.</param>
    /// <param name="problem">The first rule that the value breaks, when there is no event.</param>
    public static bool TryParseRecord(
        ReadOnlySpan<byte> value,
        [NotNullWhen(true)] out LogEvent? logEvent,
        [NotNullWhen(false)] out EventProblem? problem)
    {
        var problems = EventParser.Parse(value, complete: true, default, null, out logEvent, out _);
        problem = logEvent is null ? problems[0] : null;
        return logEvent is not null;
    }
}
