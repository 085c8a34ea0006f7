using System.Globalization;
using System.Text.Json;

namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>
/// The form that came before CLEF, and that some clients still send to <c>/api/events/raw</c>: one JSON object with the events in <c>Events</c>. A body that is
/// not well-formed is refused as a whole, since what its parts were meant to be cannot be told.
/// </summary>
internal static class RawEvents
{
    /// <summary>Reads the events of a body.</summary>
    /// <exception cref="RequestRefusedException">400: the body is no such object; 413: it has too many events.</exception>
    public static void Read(ReadOnlySpan<byte> body, ClefEvents events)
    {
        try
        {
            CheckWhole(body);
            var reader = new Utf8JsonReader(body, JsonTexts.Options);
            reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isEvents = reader.ValueTextEquals("Events"u8);
                reader.Read();
                if (isEvents && reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadArray(body, ref reader, events);
                    return;
                }

                reader.Skip();
            }
        }
        catch (JsonException e)
        {
            throw RequestRefusedException.Malformed(string.Create(
                CultureInfo.InvariantCulture, $"The body must be well-formed JSON; line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} is not. Nothing of it was taken."));
        }

        throw RequestRefusedException.Malformed("The body must be a JSON object with an array \"Events\", or events in CLEF with the media type application/vnd.serilog.clef.");
    }

    /// <summary>The name in CLEF of a field in this form; empty where it is none.</summary>
    public static ReadOnlySpan<byte> ClefNameOf(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("Timestamp"u8))
        {
            return "@t"u8;
        }

        if (name.SequenceEqual("MessageTemplate"u8))
        {
            return "@mt"u8;
        }

        if (name.SequenceEqual("Level"u8))
        {
            return "@l"u8;
        }

        if (name.SequenceEqual("RenderedMessage"u8) || name.SequenceEqual("Message"u8))
        {
            return "@m"u8;
        }

        if (name.SequenceEqual("Exception"u8))
        {
            return "@x"u8;
        }

        if (name.SequenceEqual("EventType"u8))
        {
            return "@i"u8;
        }

        return name.SequenceEqual("TraceId"u8) ? "@tr"u8 : name.SequenceEqual("SpanId"u8) ? "@sp"u8 : [];
    }

    /// <summary>The whole text before any of it is taken.</summary>
    private static void CheckWhole(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonTexts.Options);
        while (reader.Read())
        {
        }
    }

    private static void ReadArray(ReadOnlySpan<byte> body, ref Utf8JsonReader reader, ClefEvents events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            events.AddRaw(body[start..(int)reader.BytesConsumed]);
        }
    }
}
