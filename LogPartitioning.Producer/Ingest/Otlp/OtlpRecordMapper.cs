using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;
using Fields = LogPartitioning.Producer.Ingest.Otlp.OtlpFields;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>
/// Makes an event of a record of OTLP: what an event has no field for is an attribute under OpenTelemetry's name (<see cref="OtlpNames"/>). A record that
/// says more than attributes can is kept as it is in one of them, <see cref="OtlpNames.Raw"/>; from either the same record can be made again.
/// </summary>
/// <param name="events">Takes the events.</param>
/// <param name="ids">Gives them ids.</param>
/// <param name="withInstance">Whether the instance of a service is part of the source.</param>
internal sealed class OtlpRecordMapper(ComposedEvents events, ContentIds ids, bool withInstance) : IDisposable
{
    private const int NanosOfMicrosecond = 1000;
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    /// <summary>A number of more digits, or with an exponent, comes back from the database in another form.</summary>
    private const int MaxNumberCharacters = 32;

    private static readonly byte[] s_resourcePrefix = Encoding.ASCII.GetBytes(OtlpNames.ResourcePrefix);
    private static readonly byte[] s_otelPrefix = Encoding.ASCII.GetBytes(OtlpNames.OtelPrefix);
    private static readonly byte[] s_scopeAttributePrefix = Encoding.ASCII.GetBytes(OtlpNames.ScopeAttributePrefix);
    private static readonly byte[] s_raw = Encoding.ASCII.GetBytes(OtlpNames.Raw);

    private readonly RecordComposer _composer = new();
    private readonly WireWriter _wire = new();
    private readonly ArrayBufferWriter<byte> _jsonBytes = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private byte[] _name = new byte[256];
    private string _source = OtlpNames.UnknownService;
    private bool _sourceIsName;
    private bool _isExact;

    /// <summary>Begins with the records of another resource.</summary>
    public void BeginResource(scoped in OtlpRequestReader.Group resource)
    {
        ReadOnlySpan<byte> name = default;
        ReadOnlySpan<byte> instance = default;
        var names = 0;
        var fields = new WireReader(resource.Owner);
        while (fields.Next())
        {
            if (!fields.Is(Fields.Resource.Attributes, WireType.Bytes))
            {
                fields.Skip();
                continue;
            }

            KeyValue.Read(fields.Bytes(), out var pair);
            if (pair.Key.SequenceEqual("service.name"u8))
            {
                names++;
                TryText(pair.Value, out name);
            }
            else if (withInstance && pair.Key.SequenceEqual("service.instance.id"u8))
            {
                TryText(pair.Value, out instance);
            }
        }

        _source = SourceName.Of(name, OtlpNames.UnknownService, out var isExact);
        _sourceIsName = isExact && names == 1 && instance.IsEmpty && _source != OtlpNames.UnknownService;
        if (!instance.IsEmpty)
        {
            _source = SourceName.Of($"{_source}/{Encoding.UTF8.GetString(instance)}", OtlpNames.UnknownService);
        }
    }

    /// <summary>Adds a record.</summary>
    /// <exception cref="MalformedProtobufException">It is none.</exception>
    public void Add(scoped in OtlpRequestReader.Group resource, scoped in OtlpRequestReader.Group scope, ReadOnlySpan<byte> bytes)
    {
        _isExact = resource.Unknown.IsEmpty && scope.Unknown.IsEmpty;
        _composer.Begin();
        Compose(resource, scope, bytes, out var record);
        var level = OtlpSeverity.LevelOf(record.SeverityNumber);
        if (record.SeverityNumber == 0 && SeverityNames.TryParse(Encoding.UTF8.GetString(record.SeverityText), out var named))
        {
            level = named;
        }

        ReadOnlySpan<byte> message = default;
        if (record.Bodies == 1 && TryText(record.Body, out var text))
        {
            message = text;
            _isExact &= RecordComposer.IsText(text);
        }
        else
        {
            // One without a body is an event that has a name.
            _isExact = false;
            message = record.Bodies == 0 ? record.EventName : JsonOf(record.Body).ToArray();
        }

        var time = record.Time != 0 ? record.Time : record.ObservedTime;
        var timestamp = time == 0 ? default(DateTimeOffset?) : DateTimeOffset.UnixEpoch.AddTicks((long)(time / NanosOfMicrosecond) * TimeSpan.TicksPerMicrosecond);
        if (!_isExact)
        {
            KeepRaw(resource, scope, bytes);
        }

        events.Add(_composer, ids.Of(events.NextIndex, timestamp), _source, level, message, timestamp);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _composer.Dispose();
        _json.Dispose();
    }

    private void Compose(scoped in OtlpRequestReader.Group resource, scoped in OtlpRequestReader.Group scope, ReadOnlySpan<byte> bytes, out Record record)
    {
        AddResource(resource);
        AddScope(scope);
        record = default;
        var fields = new WireReader(bytes);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (Fields.LogRecord.Time, WireType.Fixed64):
                    record.Time = fields.Fixed64();
                    break;
                case (Fields.LogRecord.ObservedTime, WireType.Fixed64):
                    record.ObservedTime = fields.Fixed64();
                    break;
                case (Fields.LogRecord.SeverityNumber, WireType.Varint):
                    record.SeverityNumber = (int)fields.Varint();
                    break;
                case (Fields.LogRecord.SeverityText, WireType.Bytes):
                    record.SeverityText = fields.Bytes();
                    break;
                case (Fields.LogRecord.Body, WireType.Bytes):
                    record.Body = fields.Bytes();
                    record.Bodies++;
                    break;
                case (Fields.LogRecord.Attributes, WireType.Bytes):
                    AddAttribute(default, fields.Bytes());
                    break;
                case (Fields.LogRecord.DroppedAttributesCount, WireType.Varint):
                    record.DroppedAttributesCount = (uint)fields.Varint();
                    break;
                case (Fields.LogRecord.Flags, WireType.Fixed32):
                    record.Flags = fields.Fixed32();
                    break;
                case (Fields.LogRecord.TraceId, WireType.Bytes):
                    record.TraceId = fields.Bytes();
                    break;
                case (Fields.LogRecord.SpanId, WireType.Bytes):
                    record.SpanId = fields.Bytes();
                    break;
                case (Fields.LogRecord.EventName, WireType.Bytes):
                    record.EventName = fields.Bytes();
                    break;
                default:
                    fields.Skip();
                    _isExact = false;
                    break;
            }
        }

        AddFields(record);
    }

    private void AddFields(scoped in Record record)
    {
        AddId("trace_id"u8, record.TraceId, TraceIdBytes);
        AddId("span_id"u8, record.SpanId, SpanIdBytes);
        AddText("severity_text"u8, record.SeverityText);
        AddText("event_name"u8, record.EventName);
        AddCount("trace_flags"u8, record.Flags);
        AddCount("dropped_attributes_count"u8, record.DroppedAttributesCount);
        if (record.SeverityNumber != OtlpSeverity.NumberOf(OtlpSeverity.LevelOf(record.SeverityNumber)))
        {
            _isExact &= _composer.Add("severity_number"u8, record.SeverityNumber);
        }

        if (record.Time == 0)
        {
            AddNumber("time_unix_nano"u8, 0);
            if (record.ObservedTime == 0)
            {
                AddNumber("observed_time_unix_nano"u8, 0);
            }
        }
        else if (record.ObservedTime != record.Time)
        {
            AddNumber("observed_time_unix_nano"u8, record.ObservedTime);
        }

        AddCount("timestamp_nanos"u8, (uint)((record.Time != 0 ? record.Time : record.ObservedTime) % NanosOfMicrosecond));
    }

    private void AddResource(scoped in OtlpRequestReader.Group resource)
    {
        AddText("otel.resource.schema_url"u8, resource.SchemaUrl);
        var any = false;
        var fields = new WireReader(resource.Owner);
        while (fields.Next())
        {
            any = true;
            if (fields.Is(Fields.Resource.Attributes, WireType.Bytes))
            {
                AddAttribute(s_resourcePrefix, fields.Bytes());
            }
            else
            {
                fields.Skip();
                _isExact = false;
            }
        }

        // Without attributes it cannot be told from none.
        _isExact &= any == resource.HasOwner;
    }

    private void AddScope(scoped in OtlpRequestReader.Group scope)
    {
        AddText("otel.scope.schema_url"u8, scope.SchemaUrl);
        var any = false;
        var fields = new WireReader(scope.Owner);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (Fields.Scope.Name, WireType.Bytes):
                    any |= AddText("otel.scope.name"u8, fields.Bytes());
                    break;
                case (Fields.Scope.Version, WireType.Bytes):
                    any |= AddText("otel.scope.version"u8, fields.Bytes());
                    break;
                case (Fields.Scope.Attributes, WireType.Bytes):
                    any = true;
                    AddAttribute(s_scopeAttributePrefix, fields.Bytes());
                    break;
                default:
                    fields.Skip();
                    _isExact = false;
                    break;
            }
        }

        _isExact &= any == scope.HasOwner;
    }

    private void AddAttribute(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> bytes)
    {
        KeyValue.Read(bytes, out var pair);
        _isExact &= pair.IsPlain;
        if (prefix.IsEmpty)
        {
            _isExact &= !IsReserved(pair.Key);
        }
        else if (_sourceIsName && prefix == s_resourcePrefix && pair.Key.SequenceEqual("service.name"u8))
        {
            return;
        }

        _isExact &= AddValue(Named(prefix, pair.Key), pair.Value);
    }

    /// <returns>Whether the attribute says the same as the value.</returns>
    private bool AddValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var fields = new WireReader(value);
        if (!fields.Next())
        {
            return _composer.AddNull(name);
        }

        bool isExact;
        switch (fields.Field, fields.Type)
        {
            case (Fields.AnyValue.String, WireType.Bytes):
                isExact = _composer.Add(name, fields.Bytes());
                break;
            case (Fields.AnyValue.Bool, WireType.Varint):
                isExact = _composer.Add(name, fields.Varint() != 0);
                break;
            case (Fields.AnyValue.Int, WireType.Varint):
                isExact = _composer.Add(name, (long)fields.Varint());
                break;
            case (Fields.AnyValue.Double, WireType.Fixed64):
                isExact = AddDouble(name, BitConverter.UInt64BitsToDouble(fields.Fixed64()));
                break;
            default:
                // To be read and searched; what it was is kept beside it.
                _composer.Add(name, JsonOf(value));
                return false;
        }

        return isExact && !fields.Next();
    }

    /// <summary>With a point, so that it can be told from a whole number.</summary>
    private bool AddDouble(ReadOnlySpan<byte> name, double number)
    {
        Span<byte> digits = stackalloc byte[MaxNumberCharacters + 2];
        if (!double.IsFinite(number) || !number.TryFormat(digits[..MaxNumberCharacters], out var length, "R", CultureInfo.InvariantCulture))
        {
            return false;
        }

        if (!digits[..length].ContainsAny((byte)'.', (byte)'E'))
        {
            ".0"u8.CopyTo(digits[length..]);
            length += 2;
        }

        return _composer.AddNumber(name, digits[..length]) && !digits[..length].Contains((byte)'E') && !(number == 0 && double.IsNegative(number));
    }

    private void AddId(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id, int bytes)
    {
        if (id.IsEmpty)
        {
            return;
        }

        Span<byte> digits = stackalloc byte[2 * TraceIdBytes];
        if (id.Length != bytes)
        {
            _isExact = false;
            return;
        }

        Convert.TryToHexStringLower(id, digits, out var written);
        _isExact &= _composer.Add(name, digits[..written]);
    }

    private bool AddText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        _isExact &= _composer.Add(name, text);
        return true;
    }

    private void AddCount(ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0)
        {
            _isExact &= _composer.Add(name, count);
        }
    }

    private void AddNumber(ReadOnlySpan<byte> name, ulong number)
    {
        Span<byte> digits = stackalloc byte[MaxNumberCharacters];
        Utf8Formatter.TryFormat(number, digits, out var length);
        _isExact &= _composer.AddNumber(name, digits[..length]);
    }

    /// <summary>Keeps the record as it is; of its attributes as many beside it as there is room for.</summary>
    private void KeepRaw(scoped in OtlpRequestReader.Group resource, scoped in OtlpRequestReader.Group scope, ReadOnlySpan<byte> bytes)
    {
        _wire.Clear();
        if (resource.HasOwner)
        {
            _wire.Bytes(Fields.ResourceLogs.Resource, resource.Owner);
        }

        var start = _wire.Begin(Fields.ResourceLogs.ScopeLogs);
        if (scope.HasOwner)
        {
            _wire.Bytes(Fields.ScopeLogs.Scope, scope.Owner);
        }

        _wire.Bytes(Fields.ScopeLogs.LogRecords, bytes);
        _wire.Bytes(Fields.ScopeLogs.SchemaUrl, scope.SchemaUrl);
        _wire.Fields(scope.Unknown);
        _wire.End(start);
        _wire.Bytes(Fields.ResourceLogs.SchemaUrl, resource.SchemaUrl);
        _wire.Fields(resource.Unknown);

        var base64 = ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(_wire.Written.Length));
        Base64.EncodeToUtf8(_wire.Written, base64, out _, out var length);
        _composer.Begin();
        _composer.Add(s_raw, base64.AsSpan(0, length));
        Compose(resource, scope, bytes, out _);
        if (_composer.AttributeBytes > EventRules.MaxAttributesBytes)
        {
            _composer.Begin();
            _composer.Add(s_raw, base64.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(base64);
    }

    /// <summary>Whether a value is a text, and nothing else.</summary>
    private static bool TryText(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> text)
    {
        text = default;
        var fields = new WireReader(value);
        if (!fields.Next() || !fields.Is(Fields.AnyValue.String, WireType.Bytes))
        {
            return false;
        }

        text = fields.Bytes();
        return !fields.Next();
    }

    private ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> value)
    {
        _jsonBytes.ResetWrittenCount();
        _json.Reset(_jsonBytes);
        AnyValueJson.Write(_json, value);
        _json.Flush();
        return _jsonBytes.WrittenSpan;
    }

    private ReadOnlySpan<byte> Named(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> key)
    {
        if (prefix.IsEmpty)
        {
            return key;
        }

        var length = prefix.Length + key.Length;
        if (length > _name.Length)
        {
            // No attribute has a name so long, and what is too long by then is refused by its length.
            return key[..0];
        }

        prefix.CopyTo(_name);
        key.CopyTo(_name.AsSpan(prefix.Length));
        return _name.AsSpan(0, length);
    }

    private static bool IsReserved(ReadOnlySpan<byte> name) =>
        name.StartsWith(s_resourcePrefix) || name.StartsWith(s_otelPrefix)
        || (name is [(byte)'t' or (byte)'s' or (byte)'o' or (byte)'e' or (byte)'d' or (byte)'m', ..] && OtlpNames.IsReserved(Encoding.UTF8.GetString(name)));

    /// <summary>The fields of a record but its attributes.</summary>
    private ref struct Record
    {
        public ulong Time;
        public ulong ObservedTime;
        public int SeverityNumber;
        public ReadOnlySpan<byte> SeverityText;
        public ReadOnlySpan<byte> Body;
        public int Bodies;
        public uint DroppedAttributesCount;
        public uint Flags;
        public ReadOnlySpan<byte> TraceId;
        public ReadOnlySpan<byte> SpanId;
        public ReadOnlySpan<byte> EventName;
    }
}
