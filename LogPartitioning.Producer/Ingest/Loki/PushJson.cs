using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>
/// Reads a push in JSON: <c>{"streams":[{"stream":{"app":"shop"},"values":[["1763794800000000000","a line",{"trace_id":"1"}]]}]}</c>. An entry that is none is
/// rejected by itself; a body that is not well-formed is refused as a whole.
/// </summary>
internal static class PushJson
{
    /// <exception cref="RequestRefusedException">400: it is no push; 413: it has too many entries.</exception>
    public static void Read(ReadOnlySpan<byte> body, LokiEvents events)
    {
        try
        {
            if (!Utf8.IsValid(body))
            {
                throw RequestRefusedException.Malformed("The body must be in UTF-8. Nothing of it was taken.");
            }

            CheckWhole(body);
            var reader = new Utf8JsonReader(body, JsonTexts.Options);
            reader.Read();
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStreams = reader.ValueTextEquals("streams"u8);
                reader.Read();
                if (isStreams && reader.TokenType == JsonTokenType.StartArray)
                {
                    ReadStreams(ref reader, events);
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

        throw RequestRefusedException.Malformed("The body must be a JSON object with an array \"streams\".");
    }

    private static void CheckWhole(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonTexts.Options);
        while (reader.Read())
        {
        }
    }

    private static void ReadStreams(ref Utf8JsonReader reader, LokiEvents events)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                ReadStream(ref reader, events);
            }
            else
            {
                reader.Skip();
                events.AddBroken("must be in a stream, which is an object with stream and values");
            }
        }
    }

    private static void ReadStream(ref Utf8JsonReader reader, LokiEvents events)
    {
        // The labels may come after the entries.
        var values = default(Utf8JsonReader);
        var hasValues = false;
        var isReadable = true;
        events.Labels.Clear();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isStream, isValues) = (reader.ValueTextEquals("stream"u8), reader.ValueTextEquals("values"u8));
            reader.Read();
            if (isValues && reader.TokenType == JsonTokenType.StartArray)
            {
                values = reader;
                hasValues = true;
            }
            else if (isStream)
            {
                isReadable = TryReadPairs(reader, events.Labels);
            }

            reader.Skip();
        }

        events.BeginStream(isReadable);
        while (hasValues && values.Read() && values.TokenType != JsonTokenType.EndArray)
        {
            ReadEntry(values, events);
            values.Skip();
        }
    }

    /// <summary>Reads names and values of an object. A value that is no text is taken as its JSON.</summary>
    private static bool TryReadPairs(Utf8JsonReader reader, LabelPairs pairs)
    {
        pairs.Clear();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.TokenType == JsonTokenType.Null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonTexts.NameOf(in reader);
            reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                return false;
            }

            pairs.Add(name, BytesOf(in reader));
        }

        return true;
    }

    private static void ReadEntry(Utf8JsonReader reader, LokiEvents events)
    {
        events.Metadata.Clear();
        if (reader.TokenType != JsonTokenType.StartArray
            || !reader.Read() || reader.TokenType != JsonTokenType.String || !long.TryParse(JsonTexts.TextOf(in reader), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var nanoseconds)
            || !reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            events.AddBroken("must be an array of nanoseconds since 1970 as a text, a line, and an object of metadata where there is any");
            return;
        }

        var line = BytesOf(in reader);
        var isWhole = !reader.ValueIsEscaped || JsonTexts.TextOf(in reader) is not null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.EndArray && !TryReadPairs(reader, events.Metadata))
        {
            events.AddBroken("must have metadata of names and texts");
            return;
        }

        if (isWhole)
        {
            events.Add(SentTime.OfUnixNanoseconds(nanoseconds), line);
        }
        else
        {
            events.Add(SentTime.OfUnixNanoseconds(nanoseconds), ReplacedText.Of(line), [(byte)'"', .. line, (byte)'"']);
        }
    }

    /// <summary>A text, or what stands there where it is none or no text can hold it.</summary>
    private static ReadOnlySpan<byte> BytesOf(scoped in Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.ValueIsEscaped && JsonTexts.TextOf(in reader) is { } text ? Encoding.UTF8.GetBytes(text) : reader.ValueSpan;
}
