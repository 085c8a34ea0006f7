using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>Writes a value of OTLP as JSON, to be read and searched: lists and objects as they are, bytes in base64.</summary>
internal static class AnyValueJson
{
    /// <summary>As deep as the official readers of protobuf go.</summary>
    private const int MaxDepth = 100;

    /// <exception cref="MalformedProtobufException">It is no value, or is nested too deeply.</exception>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> value) => Write(json, value, 0);

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> value, int depth)
    {
        if (depth == MaxDepth)
        {
            throw new MalformedProtobufException($"A value is nested more than {MaxDepth} deep.");
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
            return;
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
                WriteList(json, fields.Bytes(), depth);
                break;
            case OtlpFields.AnyValue.KeyValues:
                WriteObject(json, fields.Bytes(), depth);
                break;
            default:
                json.WriteBase64StringValue(fields.Bytes());
                break;
        }
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

    private static void WriteList(Utf8JsonWriter json, ReadOnlySpan<byte> list, int depth)
    {
        json.WriteStartArray();
        var values = new WireReader(list);
        while (values.Next())
        {
            if (values.Is(OtlpFields.Values, WireType.Bytes))
            {
                Write(json, values.Bytes(), depth + 1);
            }
            else
            {
                values.Skip();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteObject(Utf8JsonWriter json, ReadOnlySpan<byte> list, int depth)
    {
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
            Write(json, pair.Value, depth + 1);
        }

        json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
}
