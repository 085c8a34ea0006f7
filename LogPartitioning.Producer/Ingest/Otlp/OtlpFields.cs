namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>The numbers of the fields of OTLP's messages, as the <c>.proto</c> files have them.</summary>
internal static class OtlpFields
{
    public const int RequestResourceLogs = 1;

    public static class ResourceLogs
    {
        public const int Resource = 1;
        public const int ScopeLogs = 2;
        public const int SchemaUrl = 3;
    }

    public static class Resource
    {
        public const int Attributes = 1;
    }

    public static class ScopeLogs
    {
        public const int Scope = 1;
        public const int LogRecords = 2;
        public const int SchemaUrl = 3;
    }

    public static class Scope
    {
        public const int Name = 1;
        public const int Version = 2;
        public const int Attributes = 3;
    }

    public static class LogRecord
    {
        public const int Time = 1;
        public const int SeverityNumber = 2;
        public const int SeverityText = 3;
        public const int Body = 5;
        public const int Attributes = 6;
        public const int DroppedAttributesCount = 7;
        public const int Flags = 8;
        public const int TraceId = 9;
        public const int SpanId = 10;
        public const int ObservedTime = 11;
        public const int EventName = 12;
    }

    public static class Pair
    {
        public const int Key = 1;
        public const int Value = 2;
    }

    public static class AnyValue
    {
        public const int String = 1;
        public const int Bool = 2;
        public const int Int = 3;
        public const int Double = 4;
        public const int Array = 5;
        public const int KeyValues = 6;
        public const int Bytes = 7;
    }

    /// <summary>Of <c>ArrayValue</c> and of <c>KeyValueList</c>.</summary>
    public const int Values = 1;
}
