using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;
using Fields = LogPartitioning.Producer.Ingest.Otlp.OtlpFields;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>
/// Makes an event of a record of OTLP: what an event has no field for is an attribute (<see cref="OtlpAttributes"/>), and a record that says more than
/// attributes can is kept beside them as it is (<see cref="OtlpRaw"/>). From either the same record can be made again.
/// </summary>
/// <param name="events">Takes the events.</param>
/// <param name="records">Counts what they take.</param>
/// <param name="ids">Gives them ids.</param>
/// <param name="withInstance">Whether the instance of a service is part of the source.</param>
internal sealed class OtlpRecordMapper(ComposedEvents events, RecordBytes records, ContentIds ids, bool withInstance) : IDisposable
{
    private const int NanosOfMicrosecond = 1000;

    private static readonly byte[] s_rawOmitted = Encoding.ASCII.GetBytes(OtlpNames.RawOmitted);

    private readonly RecordComposer _composer = new();
    private readonly OtlpRaw _raw = new();
    private OtlpAttributes? _attributes;
    private string _source = OtlpNames.UnknownService;

    private OtlpAttributes Attributes => _attributes ??= new(_composer);

    /// <summary>Begins with the records of another resource.</summary>
    public void BeginResource(scoped in OtlpGroup resource)
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
        Attributes.SourceIsName = isExact && names == 1 && instance.IsEmpty && _source != OtlpNames.UnknownService;
        if (!instance.IsEmpty)
        {
            _source = SourceName.Of($"{_source}/{Encoding.UTF8.GetString(instance)}", OtlpNames.UnknownService);
        }
    }

    /// <summary>Adds a record.</summary>
    /// <exception cref="MalformedProtobufException">It is none.</exception>
    /// <exception cref="RequestRefusedException">413: it is one too many, or the records are too large together; 503: there is no memory for them.</exception>
    public void Add(scoped in OtlpGroup resource, scoped in OtlpGroup scope, ReadOnlySpan<byte> bytes)
    {
        Attributes.Begin();
        Attributes.Add(resource, scope, bytes, out var record);
        var bodyIsMessage = record.Bodies == 1 && TryText(record.Body, out var text) && RecordComposer.IsText(text);
        // One without a body is an event that has a name.
        var message = record.Bodies == 0 ? record.EventName : TryText(record.Body, out text) ? text : Attributes.JsonOf(record.Body).ToArray();
        if (Attributes.IsTooDeep)
        {
            events.Batch.Reject(AnyValueJson.TooDeep);
        }
        else
        {
            if (!Attributes.IsExact || !bodyIsMessage)
            {
                KeepWhole(resource, scope, bytes, bodyIsMessage);
            }

            var time = record.OwnTime;
            var timestamp = time == 0 ? default(DateTimeOffset?) : DateTimeOffset.UnixEpoch.AddTicks((long)(time / NanosOfMicrosecond) * TimeSpan.TicksPerMicrosecond);
            events.Add(_composer, ids.Of(events.NextIndex, timestamp), _source, LevelOf(record), message, timestamp);
        }

        // The resource is said once, and walked for each record.
        records.CountLast(events.Batch, resource.Length + scope.Length + bytes.Length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attributes?.Dispose();
        _composer.Dispose();
    }

    /// <summary>Keeps the record as it is, with as many of its attributes as there is room for, or, where there is none for the record, says all of it in attributes.</summary>
    private void KeepWhole(scoped in OtlpGroup resource, scoped in OtlpGroup scope, ReadOnlySpan<byte> bytes, bool bodyIsMessage)
    {
        if (!_raw.TryTake(resource, scope, bytes, bodyIsMessage))
        {
            Attributes.Begin(keepsAll: true);
            _composer.Add(s_rawOmitted, true);
            Attributes.Add(resource, scope, bytes, out _);
            return;
        }

        Attributes.Begin();
        _raw.AddTo(_composer);
        Attributes.Add(resource, scope, bytes, out _);
        if (_composer.AttributeBytes > EventRules.MaxAttributesBytes)
        {
            _composer.Begin();
            _raw.AddTo(_composer);
        }
    }

    private static Severity LevelOf(scoped in OtlpLogRecord record) =>
        record.SeverityNumber == 0 && SeverityNames.TryParse(Encoding.UTF8.GetString(record.SeverityText), out var named) ? named : OtlpSeverity.LevelOf(record.SeverityNumber);

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
}
