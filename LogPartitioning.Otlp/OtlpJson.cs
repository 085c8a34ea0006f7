using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace LogPartitioning.Otlp;

/// <summary>Writes records in OTLP's JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): that of protobuf, but with hexadecimal ids and numbers for enums.</summary>
public static class OtlpJson
{
    /// <summary>The JSON of records.</summary>
    public static byte[] Write(LogsData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        List(json, "resourceLogs", data.ResourceLogs, Write);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ResourceLogs logs)
    {
        json.WriteStartObject();
        if (logs.Resource is { } resource)
        {
            json.WriteStartObject("resource");
            Attributes(json, resource.Attributes);
            Number(json, "droppedAttributesCount", resource.DroppedAttributesCount);
            List(json, "entityRefs", resource.EntityRefs, static (json, entity) => json.WriteRawValue(JsonFormatter.Default.Format(entity)));
            json.WriteEndObject();
        }

        List(json, "scopeLogs", logs.ScopeLogs, Write);
        Text(json, "schemaUrl", logs.SchemaUrl);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ScopeLogs logs)
    {
        json.WriteStartObject();
        if (logs.Scope is { } scope)
        {
            json.WriteStartObject("scope");
            Text(json, "name", scope.Name);
            Text(json, "version", scope.Version);
            Attributes(json, scope.Attributes);
            Number(json, "droppedAttributesCount", scope.DroppedAttributesCount);
            json.WriteEndObject();
        }

        List(json, "logRecords", logs.LogRecords, Write);
        Text(json, "schemaUrl", logs.SchemaUrl);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LogRecord record)
    {
        json.WriteStartObject();
        Nanos(json, "timeUnixNano", record.TimeUnixNano);
        Nanos(json, "observedTimeUnixNano", record.ObservedTimeUnixNano);
        if (record.SeverityNumber != SeverityNumber.Unspecified)
        {
            json.WriteNumber("severityNumber", (int)record.SeverityNumber);
        }

        Text(json, "severityText", record.SeverityText);
        if (record.Body is { } body)
        {
            json.WritePropertyName("body");
            Write(json, body);
        }

        Attributes(json, record.Attributes);
        Number(json, "droppedAttributesCount", record.DroppedAttributesCount);
        Number(json, "flags", record.Flags);
        Id(json, "traceId", record.TraceId);
        Id(json, "spanId", record.SpanId);
        Text(json, "eventName", record.EventName);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, KeyValue pair)
    {
        json.WriteStartObject();
        Text(json, "key", pair.Key);
        if (pair.Value is { } value)
        {
            json.WritePropertyName("value");
            Write(json, value);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AnyValue value)
    {
        json.WriteStartObject();
        switch (value.ValueCase)
        {
            case AnyValue.ValueOneofCase.StringValue:
                json.WriteString("stringValue", value.StringValue);
                break;
            case AnyValue.ValueOneofCase.BoolValue:
                json.WriteBoolean("boolValue", value.BoolValue);
                break;
            case AnyValue.ValueOneofCase.IntValue:
                json.WriteString("intValue", value.IntValue.ToString(CultureInfo.InvariantCulture));
                break;
            case AnyValue.ValueOneofCase.DoubleValue when double.IsFinite(value.DoubleValue):
                json.WriteNumber("doubleValue", value.DoubleValue);
                break;
            case AnyValue.ValueOneofCase.DoubleValue:
                json.WriteString("doubleValue", double.IsNaN(value.DoubleValue) ? "NaN" : value.DoubleValue > 0 ? "Infinity" : "-Infinity");
                break;
            case AnyValue.ValueOneofCase.ArrayValue:
                json.WriteStartObject("arrayValue");
                List(json, "values", value.ArrayValue.Values, Write);
                json.WriteEndObject();
                break;
            case AnyValue.ValueOneofCase.KvlistValue:
                json.WriteStartObject("kvlistValue");
                List(json, "values", value.KvlistValue.Values, Write);
                json.WriteEndObject();
                break;
            case AnyValue.ValueOneofCase.BytesValue:
                json.WriteBase64String("bytesValue", value.BytesValue.Span);
                break;
        }

        json.WriteEndObject();
    }

    private static void Attributes(Utf8JsonWriter json, RepeatedField<KeyValue> attributes) => List(json, "attributes", attributes, Write);

    private static void List<T>(Utf8JsonWriter json, string name, RepeatedField<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(json, item);
        }

        json.WriteEndArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string text)
    {
        if (text.Length > 0)
        {
            json.WriteString(name, text);
        }
    }

    private static void Number(Utf8JsonWriter json, string name, uint number)
    {
        if (number != 0)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Nanos(Utf8JsonWriter json, string name, ulong nanos)
    {
        if (nanos != 0)
        {
            json.WriteString(name, nanos.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Id(Utf8JsonWriter json, string name, ByteString id)
    {
        if (!id.IsEmpty)
        {
            json.WriteString(name, Convert.ToHexStringLower(id.Span));
        }
    }
}
