using System.Text.Json;
using Google.Protobuf;
using LogPartitioning.Core.Events;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;

namespace LogPartitioning.Otlp;

/// <summary>
/// Makes a record of OTLP of an event: of one that came by OTLP the record that it was, of any other one with its source as the service's name, its
/// message as the body and its attributes as they are.
/// </summary>
public static class OtlpRecord
{
    /// <summary>How deep a value may be nested.</summary>
    public const int MaxValueDepth = 100;

    /// <summary>Of an object within an object there are three messages.</summary>
    private const int MaxMessageDepth = 4 * MaxValueDepth;

    private const int NanosOfTick = 100;

    /// <summary>The record, alone in its resource and its scope.</summary>
    public static ResourceLogs From(LogEvent logEvent)
    {
        ArgumentNullException.ThrowIfNull(logEvent);
        using var attributes = JsonDocument.Parse(logEvent.Attributes ?? "{}");
        if (attributes.RootElement.TryGetProperty(OtlpNames.Raw, out var raw) && TryRaw(raw) is { } whole)
        {
            return whole;
        }

        if (attributes.RootElement.TryGetProperty(OtlpNames.RawWithoutBody, out raw) && TryRaw(raw) is { } bodiless)
        {
            bodiless.ScopeLogs[0].LogRecords[0].Body = new AnyValue { StringValue = logEvent.Message };
            return bodiless;
        }

        return Mapped(logEvent, attributes.RootElement);
    }

    /// <summary>Puts records together that have one resource, and one scope in it. Their order within these stays.</summary>
    public static LogsData Together(IEnumerable<ResourceLogs> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        var data = new LogsData();
        var resources = new Dictionary<ResourceLogs, ResourceLogs>();
        var scopes = new Dictionary<(ResourceLogs, ScopeLogs), ScopeLogs>();
        foreach (var one in records)
        {
            var head = new ResourceLogs { Resource = one.Resource, SchemaUrl = one.SchemaUrl };
            if (!resources.TryGetValue(head, out var resource))
            {
                resources[head] = resource = head.Clone();
                data.ResourceLogs.Add(resource);
            }

            foreach (var scoped in one.ScopeLogs)
            {
                var scopeHead = new ScopeLogs { Scope = scoped.Scope, SchemaUrl = scoped.SchemaUrl };
                if (!scopes.TryGetValue((head, scopeHead), out var scope))
                {
                    scopes[(head, scopeHead)] = scope = scopeHead.Clone();
                    resource.ScopeLogs.Add(scope);
                }

                scope.LogRecords.Add(scoped.LogRecords);
            }
        }

        return data;
    }

    /// <summary>Somebody may have written something else under that name.</summary>
    private static ResourceLogs? TryRaw(JsonElement raw)
    {
        if (raw.ValueKind != JsonValueKind.String || !raw.TryGetBytesFromBase64(out var bytes))
        {
            return null;
        }

        try
        {
            using var stream = new MemoryStream(bytes, writable: false);
            using var input = CodedInputStream.CreateWithLimits(stream, bytes.Length + 1, MaxMessageDepth);
            var whole = ResourceLogs.Parser.ParseFrom(input);
            return whole.ScopeLogs is [{ LogRecords.Count: 1 }] ? whole : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static ResourceLogs Mapped(LogEvent logEvent, JsonElement attributes)
    {
        var record = new LogRecord { Body = new AnyValue { StringValue = logEvent.Message }, SeverityNumber = (SeverityNumber)OtlpSeverity.NumberOf(logEvent.Level) };
        var scope = new ScopeLogs { LogRecords = { record } };
        var resource = new ResourceLogs { ScopeLogs = { scope } };
        var (time, observed, nanos) = (true, default(ulong?), 0ul);
        var hasName = false;
        foreach (var attribute in attributes.EnumerateObject())
        {
            var (name, value) = (attribute.Name, attribute.Value);
            if (name.StartsWith(OtlpNames.ResourcePrefix, StringComparison.Ordinal))
            {
                var inner = name[OtlpNames.ResourcePrefix.Length..];
                hasName |= inner == OtlpNames.ServiceName;
                (resource.Resource ??= new()).Attributes.Add(Pair(inner, value));
            }
            else if (name.StartsWith(OtlpNames.ScopeAttributePrefix, StringComparison.Ordinal))
            {
                (scope.Scope ??= new()).Attributes.Add(Pair(name[OtlpNames.ScopeAttributePrefix.Length..], value));
            }
            else if (name == OtlpNames.TimeUnixNano && value.ValueKind == JsonValueKind.Number)
            {
                time = false;
            }
            else if (name == OtlpNames.ObservedTimeUnixNano && TryNumber(value, ulong.MaxValue, out var number))
            {
                observed = number;
            }
            else if (name == OtlpNames.TimestampNanos && TryNumber(value, 999, out var rest))
            {
                nanos = rest;
            }
            else if (!TryField(name, value, resource, scope, record))
            {
                record.Attributes.Add(Pair(name, value));
            }
        }

        if (!hasName && logEvent.Source != OtlpNames.UnknownService)
        {
            (resource.Resource ??= new()).Attributes.Add(new KeyValue { Key = OtlpNames.ServiceName, Value = new() { StringValue = logEvent.Source } });
        }

        var at = NanosOf(logEvent.Timestamp) + nanos;
        record.TimeUnixNano = time ? at : 0;
        record.ObservedTimeUnixNano = observed ?? at;
        return resource;
    }

    private static bool TryField(string name, JsonElement value, ResourceLogs resource, ScopeLogs scope, LogRecord record)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        switch (name)
        {
            case OtlpNames.ResourceSchemaUrl when text is not null:
                resource.SchemaUrl = text;
                return true;
            case OtlpNames.ScopeSchemaUrl when text is not null:
                scope.SchemaUrl = text;
                return true;
            case OtlpNames.ScopeName when text is not null:
                (scope.Scope ??= new()).Name = text;
                return true;
            case OtlpNames.ScopeVersion when text is not null:
                (scope.Scope ??= new()).Version = text;
                return true;
            case OtlpNames.TraceId when TryId(text, 16) is { } id:
                record.TraceId = id;
                return true;
            case OtlpNames.SpanId when TryId(text, 8) is { } id:
                record.SpanId = id;
                return true;
            case OtlpNames.SeverityText when text is not null:
                record.SeverityText = text;
                return true;
            case OtlpNames.EventName when text is not null:
                record.EventName = text;
                return true;
            case OtlpNames.TraceFlags when TryNumber(value, uint.MaxValue, out var flags):
                record.Flags = (uint)flags;
                return true;
            case OtlpNames.DroppedAttributesCount when TryNumber(value, uint.MaxValue, out var dropped):
                record.DroppedAttributesCount = (uint)dropped;
                return true;
            case OtlpNames.SeverityNumber when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var severity):
                record.SeverityNumber = (SeverityNumber)severity;
                return true;
            default:
                return false;
        }
    }

    private static KeyValue Pair(string name, JsonElement value) => new() { Key = name, Value = Value(value) };

    private static AnyValue Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new() { StringValue = value.GetString()! },
        JsonValueKind.True or JsonValueKind.False => new() { BoolValue = value.GetBoolean() },
        // With a point or an exponent it is no whole number, as it was written.
        JsonValueKind.Number when value.GetRawText().AsSpan().ContainsAny(".eE") || !value.TryGetInt64(out _) => new() { DoubleValue = value.GetDouble() },
        JsonValueKind.Number => new() { IntValue = value.GetInt64() },
        JsonValueKind.Null => new(),
        _ => new() { StringValue = value.GetRawText() },
    };

    private static bool TryNumber(JsonElement value, ulong most, out ulong number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetUInt64(out number) && number <= most;
    }

    private static ByteString? TryId(string? digits, int bytes)
    {
        if (digits?.Length != 2 * bytes || !digits.All(char.IsAsciiHexDigitLower))
        {
            return null;
        }

        return ByteString.CopyFrom(Convert.FromHexString(digits));
    }

    /// <summary>Times before 1970, which other protocols may have, have no number in OTLP.</summary>
    private static ulong NanosOf(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return ticks <= 0 ? 0 : (ulong)UInt128.Min((UInt128)ticks * NanosOfTick, ulong.MaxValue);
    }
}
