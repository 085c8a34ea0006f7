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
/// Makes the attributes of an event of what a record of OTLP, its scope and its resource say, under OpenTelemetry's names (<see cref="OtlpNames"/>), and
/// knows whether the same record can be made of them again.
/// </summary>
/// <param name="composer">Takes the attributes.</param>
internal sealed class OtlpAttributes(RecordComposer composer) : IDisposable
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int NanosOfMicrosecond = 1000;

    /// <summary>A number of more digits, or with an exponent, comes back from the database in another form.</summary>
    private const int MaxNumberCharacters = 32;

    private static readonly byte[] s_resourcePrefix = Encoding.ASCII.GetBytes(OtlpNames.ResourcePrefix);
    private static readonly byte[] s_otelPrefix = Encoding.ASCII.GetBytes(OtlpNames.OtelPrefix);
    private static readonly byte[] s_scopeAttributePrefix = Encoding.ASCII.GetBytes(OtlpNames.ScopeAttributePrefix);

    /// <summary>Where a record's own attribute has a name that stands for something else here.</summary>
    private static readonly byte[] s_reservedPrefix = Encoding.ASCII.GetBytes(OtlpNames.ReservedPrefix);

    private static readonly byte[] s_sourceName = Encoding.ASCII.GetBytes(OtlpNames.ServiceName);

    private readonly ArrayBufferWriter<byte> _jsonBytes = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private byte[] _name = new byte[256];
    private bool _keepsAll;

    /// <summary>Whether the resource's <c>service.name</c> is the source, and need not be said again.</summary>
    public bool SourceIsName { get; set; }

    /// <summary>Whether the attributes so far say all that there is.</summary>
    public bool IsExact { get; private set; }

    /// <summary>Whether a value is nested deeper than it may be.</summary>
    public bool IsTooDeep { get; private set; }

    /// <summary>Begins another event.</summary>
    /// <param name="keepsAll">Whether what an event cannot have as an attribute is to be kept in <see cref="RecordComposer.More"/>: where the record itself is not kept beside.</param>
    public void Begin(bool keepsAll = false)
    {
        composer.Begin();
        (IsExact, IsTooDeep, _keepsAll) = (true, false, keepsAll);
    }

    /// <summary>Adds what a record says, and what holds for it.</summary>
    /// <exception cref="MalformedProtobufException">It is no record.</exception>
    public void Add(scoped in OtlpGroup resource, scoped in OtlpGroup scope, ReadOnlySpan<byte> bytes, out OtlpLogRecord record)
    {
        IsExact &= resource.Unknown.IsEmpty && scope.Unknown.IsEmpty;
        AddResource(resource);
        AddScope(scope);
        var taken = default(OtlpLogRecord);
        var fields = new WireReader(bytes);
        while (fields.Next())
        {
            if (fields.Is(Fields.LogRecord.Attributes, WireType.Bytes))
            {
                AddAttribute(default, fields.Bytes());
            }
            else if (!taken.TryTake(ref fields))
            {
                fields.Skip();
                IsExact = false;
            }
        }

        record = taken;
        AddFields(record);
    }

    /// <summary>A value as JSON; valid until the next call.</summary>
    public ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> value)
    {
        _jsonBytes.ResetWrittenCount();
        _json.Reset(_jsonBytes);
        IsTooDeep |= !AnyValueJson.TryWrite(_json, value);
        _json.Flush();
        return _jsonBytes.WrittenSpan;
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void AddFields(scoped in OtlpLogRecord record)
    {
        AddId("trace_id"u8, record.TraceId, TraceIdBytes);
        AddId("span_id"u8, record.SpanId, SpanIdBytes);
        AddText("severity_text"u8, record.SeverityText);
        AddText("event_name"u8, record.EventName);
        AddCount("trace_flags"u8, record.Flags);
        AddCount("dropped_attributes_count"u8, record.DroppedAttributesCount);
        if (record.SeverityNumber != OtlpSeverity.NumberOf(OtlpSeverity.LevelOf(record.SeverityNumber)))
        {
            IsExact &= composer.Add("severity_number"u8, record.SeverityNumber);
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

        AddCount("timestamp_nanos"u8, (uint)(record.OwnTime % NanosOfMicrosecond));
    }

    private void AddResource(scoped in OtlpGroup resource)
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
                IsExact = false;
            }
        }

        // Without attributes it cannot be told from none.
        IsExact &= any == resource.HasOwner;
    }

    private void AddScope(scoped in OtlpGroup scope)
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
                    IsExact = false;
                    break;
            }
        }

        IsExact &= any == scope.HasOwner;
    }

    private void AddAttribute(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> bytes)
    {
        KeyValue.Read(bytes, out var pair);
        IsExact &= pair.IsPlain;
        if (prefix.IsEmpty && IsReserved(pair.Key))
        {
            IsExact = false;
            prefix = s_reservedPrefix;
        }
        else if (SourceIsName && prefix == s_resourcePrefix && pair.Key.SequenceEqual(s_sourceName))
        {
            return;
        }

        IsExact &= AddValue(Named(prefix, pair.Key), pair.Value);
    }

    /// <returns>Whether the attribute says the same as the value.</returns>
    private bool AddValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var fields = new WireReader(value);
        if (!fields.Next())
        {
            return Added(composer.AddNull(name), name, value);
        }

        switch (fields.Field, fields.Type)
        {
            case (Fields.AnyValue.String, WireType.Bytes):
                var text = fields.Bytes();
                return AddTextValue(name, text) && !fields.Next();
            case (Fields.AnyValue.Bool, WireType.Varint):
                return Added(composer.Add(name, fields.Varint() != 0), name, value) && !fields.Next();
            case (Fields.AnyValue.Int, WireType.Varint):
                return Added(composer.Add(name, (long)fields.Varint()), name, value) && !fields.Next();
            case (Fields.AnyValue.Double, WireType.Fixed64):
                return Added(TryAddDouble(name, BitConverter.UInt64BitsToDouble(fields.Fixed64()), out var isExact), name, value) && isExact && !fields.Next();
            default:
                // To be read and searched; what it was is kept beside it.
                AddTextValue(name, JsonOf(value));
                return false;
        }
    }

    private bool AddTextValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (_keepsAll)
        {
            composer.Keep(name, text);
            return false;
        }

        return composer.Add(name, text);
    }

    /// <summary>Where an event cannot have it, and the record is not kept beside, it is kept as JSON.</summary>
    private bool Added(bool isAdded, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!isAdded && _keepsAll)
        {
            composer.Keep(name, JsonOf(value));
        }

        return isAdded;
    }

    /// <summary>With a point, so that it can be told from a whole number.</summary>
    private bool TryAddDouble(ReadOnlySpan<byte> name, double number, out bool isExact)
    {
        isExact = false;
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

        isExact = !digits[..length].Contains((byte)'E') && !(number == 0 && double.IsNegative(number));
        return composer.AddNumber(name, digits[..length]);
    }

    private void AddId(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id, int bytes)
    {
        if (id.IsEmpty)
        {
            return;
        }

        Span<byte> digits = stackalloc byte[2 * TraceIdBytes];
        IsExact &= id.Length == bytes;
        AddText(name, Convert.TryToHexStringLower(id, digits, out var written) ? digits[..written] : Encoding.ASCII.GetBytes(Convert.ToHexStringLower(id)));
    }

    private bool AddText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return false;
        }

        IsExact &= AddTextValue(name, text);
        return true;
    }

    private void AddCount(ReadOnlySpan<byte> name, uint count)
    {
        if (count != 0)
        {
            IsExact &= composer.Add(name, count);
        }
    }

    private void AddNumber(ReadOnlySpan<byte> name, ulong number)
    {
        Span<byte> digits = stackalloc byte[MaxNumberCharacters];
        Utf8Formatter.TryFormat(number, digits, out var length);
        IsExact &= composer.AddNumber(name, digits[..length]);
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
            if (!_keepsAll)
            {
                // No attribute has a name so long.
                return key[..0];
            }

            Array.Resize(ref _name, length);
        }

        prefix.CopyTo(_name);
        key.CopyTo(_name.AsSpan(prefix.Length));
        return _name.AsSpan(0, length);
    }

    private static bool IsReserved(ReadOnlySpan<byte> name) =>
        name.StartsWith(s_resourcePrefix) || name.StartsWith(s_otelPrefix)
        || (name is [(byte)'t' or (byte)'s' or (byte)'o' or (byte)'e' or (byte)'d' or (byte)'m', ..] && OtlpNames.IsReserved(Encoding.UTF8.GetString(name)));
}
