using System.Text.Encodings.Web;
using System.Text.Json;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Benchmarks.Events;

/// <summary>An event as Kafka Connect's JsonConverter wants it: with its schema in each value. Every field is a text.</summary>
internal static class ConnectValue
{
    private static readonly string[] s_fields = ["id", "source", "level", "message", "timestamp", "attributes"];
    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly string s_schema = JsonSerializer.Serialize(new
    {
        type = "struct",
        optional = false,
        fields = s_fields.Select(field => new { field, type = "string", optional = false }),
    });

    public static byte[] Serialize(LogEvent logEvent)
    {
        using var buffer = new MemoryStream(1_024);
        using (var writer = new Utf8JsonWriter(buffer, s_compact))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("schema");
            writer.WriteRawValue(s_schema, skipInputValidation: true);
            writer.WriteStartObject("payload");
            writer.WriteString("id", logEvent.Id);
            writer.WriteString("source", logEvent.Source);
            writer.WriteString("level", logEvent.Level.ToString());
            writer.WriteString("message", logEvent.Message);
            writer.WriteString("timestamp", logEvent.Timestamp);
            writer.WriteString("attributes", logEvent.Attributes);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
