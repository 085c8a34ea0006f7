using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>Writes a value of OTLP as JSON, to be read and searched: lists and objects as they are, bytes in base64.</summary>
internal static class AnyValueJson
{
    private const int MaxDepth = OtlpRecord.MaxValueDepth;

    /// <summary>What is wrong with a record that has such a value.</summary>
    public static EventProblem TooDeep { get; } = new("attributes and body", string.Create(CultureInfo.InvariantCulture, $"must be nested at most {MaxDepth} deep"));

    /// <summary>Writes a value.</summary>
    /// <returns>False where it is nested too deeply; what is deeper is null then.</returns>
    /// <exception cref="MalformedProtobufException">It is no value.</exception>
    public static bool TryWrite(Utf8JsonWriter json, ReadOnlySpan<byte> value) => TryWrite(json, value, 0);

    private static bool TryWrite(Utf8JsonWriter json, ReadOnlySpan<byte> value, int depth)
    {
        if (depth == MaxDepth)
        {
            json.WriteNullValue();
            return false;
        }

        // Of several the last one counts, so it is looked for first.
        var last = 0;
        var fields = new WireReader(value);
        while (fields.Next())
        {
            last = IsKnown(fields) ? fields.FieldStart : last;
            fields.Skip();
        }

        fields = new WireReader(value[last..]);
        if (!fields.Next() || !IsKnown(fields))
        {
            json.WriteNullValue();
            return true;
        }

        switch (fields.Field)
        {
            case OtlpFields.AnyValue.String:
                json.WriteStringValue(Valid(fields.Bytes()));
                break;
            case OtlpFields.AnyValue.Bool:
                json.WriteBooleanValue(fields.Varint() != 0);
                break;
            case OtlpFields.AnyValue.Int:
                json.WriteNumberValue((long)fields.Varint());
                break;
            case OtlpFields.AnyValue.Double:
                Write(json, BitConverter.UInt64BitsToDouble(fields.Fixed64()));
                break;
            case OtlpFields.AnyValue.Array:
                return WriteList(json, fields.Bytes(), depth);
            case OtlpFields.AnyValue.KeyValues:
                return WriteObject(json, fields.Bytes(), depth);
            default:
                json.WriteBase64StringValue(fields.Bytes());
                break;
        }

        return true;
    }

    private static bool IsKnown(in WireReader fields) => (fields.Field, fields.Type) is
        (OtlpFields.AnyValue.String or OtlpFields.AnyValue.Array or OtlpFields.AnyValue.KeyValues or OtlpFields.AnyValue.Bytes, WireType.Bytes)
        or (OtlpFields.AnyValue.Bool or OtlpFields.AnyValue.Int, WireType.Varint)
        or (OtlpFields.AnyValue.Double, WireType.Fixed64);

    private static void Write(Utf8JsonWriter json, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
        }
    }

    private static bool WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> list, int depth)
    {
        var isWhole = true;
        json.WriteStartArray();
        var values = new WireReader(list);
        while (values.Next())
        {
            if (values.Is(OtlpFields.Values, WireType.Bytes))
            {
                isWhole &= TryWrite(json, values.Bytes(), depth + 1);
            }
            else
            {
                values.Skip();
            }
        }

        json.WriteEndArray();
        return isWhole;
    }

    private static bool WriteObject(Utf8JsonWriter json, ReadOnlySpan<byte> list, int depth)
    {
        var isWhole = true;
        json.WriteStartObject();
        var members = new WireReader(list);
        while (members.Next())
        {
            if (!members.Is(OtlpFields.Values, WireType.Bytes))
            {
                members.Skip();
                continue;
            }

            KeyValue.Read(members.Bytes(), out var pair);
            json.WritePropertyName(Valid(pair.Key));
            isWhole &= TryWrite(json, pair.Value, depth + 1);
        }

        json.WriteEndObject();
        return isWhole;
    }

    private static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
}
