using System.Buffers.Text;
using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;
using Fields = LogPartitioning.Producer.Ingest.Otlp.OtlpFields;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>Keeps a record of OTLP that says more than attributes can as it is, in an attribute in base64.</summary>
internal sealed class OtlpRaw
{
    private static readonly byte[] s_raw = Encoding.ASCII.GetBytes(OtlpNames.Raw);
    private static readonly byte[] s_withoutBody = Encoding.ASCII.GetBytes(OtlpNames.RawWithoutBody);

    private readonly WireWriter _wire = new();

    /// <summary>In base64, as far as it is written.</summary>
    private byte[] _text = new byte[1024];
    private int _length;
    private byte[] _name = s_raw;

    /// <summary>Takes a record.</summary>
    /// <param name="resource">Its resource.</param>
    /// <param name="scope">Its scope.</param>
    /// <param name="record">The record.</param>
    /// <param name="bodyIsMessage">Whether the event's message is its body, which need not be there twice.</param>
    /// <returns>False where an event has no room for it.</returns>
    public bool TryTake(scoped in OtlpGroup resource, scoped in OtlpGroup scope, ReadOnlySpan<byte> record, bool bodyIsMessage)
    {
        // What is larger by itself need not be written first.
        if (resource.Length + scope.Length > EventRules.MaxAttributesBytes)
        {
            return false;
        }

        Write(resource, scope, record, bodyIsMessage);
        (_name, _length) = (bodyIsMessage ? s_withoutBody : s_raw, Base64.GetMaxEncodedToUtf8Length(_wire.Written.Length));
        if (_length + _name.Length + "{\"\":\"\"}".Length > EventRules.MaxAttributesBytes)
        {
            return false;
        }

        if (_text.Length < _length)
        {
            _text = new byte[EventRules.MaxAttributesBytes];
        }

        Base64.EncodeToUtf8(_wire.Written, _text, out _, out _length);
        return true;
    }

    /// <summary>Adds what was taken last to an event.</summary>
    public void AddTo(RecordComposer composer) => composer.Add(_name, _text.AsSpan(0, _length));

    private void Write(scoped in OtlpGroup resource, scoped in OtlpGroup scope, ReadOnlySpan<byte> record, bool withoutBody)
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

        if (withoutBody)
        {
            WriteWithoutBody(record);
        }
        else
        {
            _wire.Bytes(Fields.ScopeLogs.LogRecords, record);
        }

        _wire.Bytes(Fields.ScopeLogs.SchemaUrl, scope.SchemaUrl);
        _wire.Fields(scope.Unknown);
        _wire.End(start);
        _wire.Bytes(Fields.ResourceLogs.SchemaUrl, resource.SchemaUrl);
        _wire.Fields(resource.Unknown);
    }

    private void WriteWithoutBody(ReadOnlySpan<byte> record)
    {
        var start = _wire.Begin(Fields.ScopeLogs.LogRecords);
        var fields = new WireReader(record);
        while (fields.Next())
        {
            var isBody = fields.Is(Fields.LogRecord.Body, WireType.Bytes);
            fields.Skip();
            if (!isBody)
            {
                _wire.Fields(record[fields.FieldStart..fields.Position]);
            }
        }

        _wire.End(start);
    }
}
