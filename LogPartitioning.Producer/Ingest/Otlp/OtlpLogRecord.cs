using LogPartitioning.Otlp;
using Fields = LogPartitioning.Producer.Ingest.Otlp.OtlpFields;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>The fields of a record but its attributes.</summary>
internal ref struct OtlpLogRecord
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

    /// <summary>Its time; of one without, when it was observed; 0 where it says neither.</summary>
    public readonly ulong OwnTime => Time != 0 ? Time : ObservedTime;

    /// <summary>Takes the field that the reader stands at.</summary>
    /// <returns>False where it is none of these.</returns>
    public bool TryTake(ref WireReader fields)
    {
        switch (fields.Field, fields.Type)
        {
            case (Fields.LogRecord.Time, WireType.Fixed64):
                Time = fields.Fixed64();
                return true;
            case (Fields.LogRecord.ObservedTime, WireType.Fixed64):
                ObservedTime = fields.Fixed64();
                return true;
            case (Fields.LogRecord.SeverityNumber, WireType.Varint):
                SeverityNumber = (int)fields.Varint();
                return true;
            case (Fields.LogRecord.SeverityText, WireType.Bytes):
                SeverityText = fields.Bytes();
                return true;
            case (Fields.LogRecord.Body, WireType.Bytes):
                Body = fields.Bytes();
                Bodies++;
                return true;
            case (Fields.LogRecord.DroppedAttributesCount, WireType.Varint):
                DroppedAttributesCount = (uint)fields.Varint();
                return true;
            case (Fields.LogRecord.Flags, WireType.Fixed32):
                Flags = fields.Fixed32();
                return true;
            case (Fields.LogRecord.TraceId, WireType.Bytes):
                TraceId = fields.Bytes();
                return true;
            case (Fields.LogRecord.SpanId, WireType.Bytes):
                SpanId = fields.Bytes();
                return true;
            case (Fields.LogRecord.EventName, WireType.Bytes):
                EventName = fields.Bytes();
                return true;
            default:
                return false;
        }
    }
}
