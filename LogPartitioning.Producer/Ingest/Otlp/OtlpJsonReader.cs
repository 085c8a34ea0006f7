using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>
/// Turns a request in OTLP's JSON into its protobuf, so that one reader serves both. It is protobuf's own JSON but for two things: trace and span ids are
/// hexadecimal, and enums are numbers (names are read, too). Names that are not known are passed over, as OTLP asks for.
/// </summary>
internal static class OtlpJsonReader
{
    /// <summary>A value of OTLP that is nested 100 deep has four levels of JSON for each; what is deeper is refused here or by the reader of protobuf.</summary>
    private const int MaxDepth = 512;

    private const int MaxNameBytes = 64;

    private static readonly Dictionary<string, int> s_severities = Enumerable.Range(0, 25).ToDictionary(NameOfSeverity, number => number, StringComparer.Ordinal);

    private static readonly Message s_anyValue = new();
    private static readonly Message s_keyValue = new(new("key", 1, Kind.Text), new("value", 2, s_anyValue));
    private static readonly Message s_request = Request();

    private enum Kind
    {
        Text,
        Base64,
        Hex,
        Varint,
        SignedVarint,
        Severity,
        Bool,
        Fixed64,
        Fixed32,
        Double,
        Message,
    }

    /// <summary>Writes the protobuf of a request.</summary>
    /// <exception cref="RequestRefusedException">400: it is not well-formed, or a field is not what it should be.</exception>
    public static void Convert(ReadOnlySpan<byte> json, WireWriter wire)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            Convert(ref reader, s_request, wire);
            reader.Read();
        }
        catch (JsonException e)
        {
            throw RequestRefusedException.Malformed(string.Create(CultureInfo.InvariantCulture, $"The body must be well-formed JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})."));
        }
        catch (InvalidOperationException)
        {
            throw RequestRefusedException.Malformed("A number or an id of the body is no UTF-8, or has half of a surrogate pair.");
        }
    }

    private static void Convert(ref Utf8JsonReader reader, Message message, WireWriter wire)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong("a message", "an object", reader.TokenType);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = message.Find(reader.ValueIsEscaped ? ReplacedText.Of(reader.ValueSpan) : reader.ValueSpan);
            reader.Read();
            if (field is null || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
            }
            else if (!field.IsRepeated)
            {
                Write(ref reader, field, wire);
            }
            else if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw Wrong(field.Name, "an array", reader.TokenType);
            }
            else
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Write(ref reader, field, wire);
                }
            }
        }
    }

    private static void Write(ref Utf8JsonReader reader, Field field, WireWriter wire)
    {
        switch (field.Kind)
        {
            case Kind.Message:
                var start = wire.Begin(field.Number);
                Convert(ref reader, field.Message!, wire);
                wire.End(start);
                break;
            case Kind.Text:
                WriteText(ref reader, field, wire);
                break;
            case Kind.Base64:
                wire.Bytes(field.Number, Base64(ref reader, field));
                break;
            case Kind.Hex:
                wire.Bytes(field.Number, Hex(ref reader, field));
                break;
            case Kind.Bool when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                wire.Varint(field.Number, reader.TokenType == JsonTokenType.True ? 1u : 0u);
                break;
            case Kind.Varint:
                wire.Varint(field.Number, Number(ref reader, field, uint.MaxValue));
                break;
            case Kind.SignedVarint:
                wire.Varint(field.Number, (ulong)Signed(ref reader, field));
                break;
            case Kind.Severity:
                wire.Varint(field.Number, SeverityOf(ref reader, field));
                break;
            case Kind.Fixed64:
                wire.Fixed64(field.Number, Number(ref reader, field, ulong.MaxValue));
                break;
            case Kind.Fixed32:
                wire.Fixed32(field.Number, (uint)Number(ref reader, field, uint.MaxValue));
                break;
            case Kind.Double:
                wire.Fixed64(field.Number, BitConverter.DoubleToUInt64Bits(Double(ref reader, field)));
                break;
            default:
                throw Wrong(field.Name, "true or false", reader.TokenType);
        }
    }

    private static void WriteText(ref Utf8JsonReader reader, Field field, WireWriter wire)
    {
        RequireText(ref reader, field);
        if (!reader.ValueIsEscaped && System.Text.Unicode.Utf8.IsValid(reader.ValueSpan))
        {
            wire.Bytes(field.Number, reader.ValueSpan);
            return;
        }

        // Half of a surrogate pair is no character, and protobuf has no text with one.
        wire.Bytes(field.Number, ReplacedText.Of(reader.ValueSpan));
    }

    private static byte[] Base64(ref Utf8JsonReader reader, Field field)
    {
        RequireText(ref reader, field);
        if (reader.TryGetBytesFromBase64(out var bytes))
        {
            return bytes;
        }

        try
        {
            // What protobuf takes as well: the alphabet for addresses, and no padding.
            return System.Buffers.Text.Base64Url.DecodeFromChars(reader.GetString());
        }
        catch (FormatException)
        {
            throw RequestRefusedException.Malformed($"{field.Name} must be base64.");
        }
    }

    private static byte[] Hex(ref Utf8JsonReader reader, Field field)
    {
        RequireText(ref reader, field);
        try
        {
            return System.Convert.FromHexString(reader.GetString()!);
        }
        catch (FormatException)
        {
            throw RequestRefusedException.Malformed($"{field.Name} must be hexadecimal digits.");
        }
    }

    private static ulong Number(ref Utf8JsonReader reader, Field field, ulong most)
    {
        ulong number = 0;
        var isNumber = reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetUInt64(out number) || (reader.TryGetDouble(out var real) && TryWhole(real, out number)),
            JsonTokenType.String => ulong.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        return isNumber && number <= most ? number : throw RequestRefusedException.Malformed($"{field.Name} must be a whole number from 0 to {most}.");
    }

    private static long Signed(ref Utf8JsonReader reader, Field field)
    {
        long number = 0;
        var isNumber = reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetInt64(out number) || (reader.TryGetDouble(out var real) && TryWhole(real, out number)),
            JsonTokenType.String => long.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        return isNumber ? number : throw RequestRefusedException.Malformed($"{field.Name} must be a whole number of 64 bits.");
    }

    private static bool TryWhole<T>(double real, out T number)
        where T : struct, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T>
    {
        // 2^53, up to where a double is one whole number and no other.
        var isWhole = Math.Abs(real) <= 9_007_199_254_740_992 && real == Math.Floor(real) && real >= double.CreateSaturating(T.MinValue);
        number = isWhole ? T.CreateSaturating(real) : default;
        return isWhole;
    }

    private static ulong SeverityOf(ref Utf8JsonReader reader, Field field) =>
        reader.TokenType == JsonTokenType.String && s_severities.TryGetValue(reader.GetString()!, out var number) ? (ulong)number : unchecked((ulong)(int)Signed(ref reader, field));

    private static double Double(ref Utf8JsonReader reader, Field field)
    {
        var number = 0.0;
        var isNumber = reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetDouble(out number) && double.IsFinite(number),
            JsonTokenType.String => reader.GetString() is var text && (text is "NaN" or "Infinity" or "-Infinity" || text!.Length < MaxNameBytes)
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        return isNumber ? number : throw RequestRefusedException.Malformed($"{field.Name} must be a number.");
    }

    private static void RequireText(ref Utf8JsonReader reader, Field field)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw Wrong(field.Name, "a string", reader.TokenType);
        }
    }

    private static RequestRefusedException Wrong(string name, string expected, JsonTokenType found) => RequestRefusedException.Malformed($"{name} must be {expected}, not {found}.");

    private static Message Request()
    {
        var list = new Message(new Field("values", 1, s_anyValue) { IsRepeated = true });
        var members = new Message(new Field("values", 1, s_keyValue) { IsRepeated = true });
        s_anyValue.Set(
            new("stringValue", 1, Kind.Text),
            new("boolValue", 2, Kind.Bool),
            new("intValue", 3, Kind.SignedVarint),
            new("doubleValue", 4, Kind.Double),
            new("arrayValue", 5, list),
            new("kvlistValue", 6, members),
            new("bytesValue", 7, Kind.Base64));
        var attributes = new Field("attributes", 1, s_keyValue) { IsRepeated = true };
        var entity = new Message(
            new("schemaUrl", 1, Kind.Text),
            new("type", 2, Kind.Text),
            new("idKeys", 3, Kind.Text) { IsRepeated = true },
            new("descriptionKeys", 4, Kind.Text) { IsRepeated = true });
        var resource = new Message(attributes, new("droppedAttributesCount", 2, Kind.Varint), new Field("entityRefs", 3, entity) { IsRepeated = true });
        var scope = new Message(
            new("name", 1, Kind.Text),
            new("version", 2, Kind.Text),
            attributes with { Number = 3 },
            new("droppedAttributesCount", 4, Kind.Varint));
        var record = new Message(
            new("timeUnixNano", 1, Kind.Fixed64),
            new("severityNumber", 2, Kind.Severity),
            new("severityText", 3, Kind.Text),
            new("body", 5, s_anyValue),
            attributes with { Number = 6 },
            new("droppedAttributesCount", 7, Kind.Varint),
            new("flags", 8, Kind.Fixed32),
            new("traceId", 9, Kind.Hex),
            new("spanId", 10, Kind.Hex),
            new("observedTimeUnixNano", 11, Kind.Fixed64),
            new("eventName", 12, Kind.Text));
        var scopeLogs = new Message(new("scope", 1, scope), new Field("logRecords", 2, record) { IsRepeated = true }, new("schemaUrl", 3, Kind.Text));
        var resourceLogs = new Message(new("resource", 1, resource), new Field("scopeLogs", 2, scopeLogs) { IsRepeated = true }, new("schemaUrl", 3, Kind.Text));
        return new Message(new Field("resourceLogs", 1, resourceLogs) { IsRepeated = true });
    }

    private static string NameOfSeverity(int number)
    {
        string[] names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        var (level, step) = Math.DivRem(number - 1, 4);
        return number == 0 ? "SEVERITY_NUMBER_UNSPECIFIED" : step == 0 ? $"SEVERITY_NUMBER_{names[level]}" : $"SEVERITY_NUMBER_{names[level]}{step + 1}";
    }

    /// <summary>A kind of message: its fields by their names in JSON, and as the <c>.proto</c> files write them.</summary>
    private sealed class Message
    {
        private FrozenDictionary<string, Field> _fields = FrozenDictionary<string, Field>.Empty;

        public Message(params Field[] fields) => Set(fields);

        public void Set(params Field[] fields) => _fields = fields
            .SelectMany(field => ((string[])[field.Name, Snake(field.Name)]).Distinct().Select(name => KeyValuePair.Create(name, field)))
            .ToFrozenDictionary(StringComparer.Ordinal);

        public Field? Find(ReadOnlySpan<byte> name)
        {
            Span<char> text = stackalloc char[MaxNameBytes];
            return name.Length <= MaxNameBytes && System.Text.Ascii.ToUtf16(name, text, out var length) == OperationStatus.Done
                && _fields.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..length], out var field) ? field : null;
        }

        private static string Snake(string name) => string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : c.ToString()));
    }

    private sealed record Field(string Name, int Number, Kind Kind, Message? Message = null)
    {
        public Field(string name, int number, Message message)
            : this(name, number, Kind.Message, message)
        {
        }

        public bool IsRepeated { get; init; }
    }
}
