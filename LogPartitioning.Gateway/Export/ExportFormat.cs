using System.Buffers;
using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Gateway.Export;

/// <summary>How stored events are written to a file.</summary>
internal sealed class ExportFormat
{
    private const string Columns = "timestamp,level,source,message,attributes,id,key,partition,log,offset,stored_at\r\n";
    private static readonly SearchValues<char> s_quoted = SearchValues.Create("\",\r\n");

    private readonly Action<StoredLogEvent, StringBuilder> _write;

    private ExportFormat(string name, string mediaType, string head, Action<StoredLogEvent, StringBuilder> write) => (Name, MediaType, Head, _write) = (name, mediaType, head, write);

    /// <summary>Comma-separated values as of RFC 4180, with the names of the columns.</summary>
    public static ExportFormat Csv { get; } = new("csv", "text/csv; charset=utf-8; header=present", Columns, WriteCsv);

    /// <summary>An event a line, as <c>POST /api/logs</c> takes them.</summary>
    public static ExportFormat Ndjson { get; } = new("ndjson", "application/x-ndjson", "", WriteJson);

    public static IReadOnlyList<ExportFormat> All { get; } = [Ndjson, Csv];

    public string Name { get; }

    public string MediaType { get; }

    /// <summary>What stands before the first event.</summary>
    public string Head { get; }

    public void Write(StoredLogEvent stored, StringBuilder text) => _write(stored, text);

    private static void WriteCsv(StoredLogEvent stored, StringBuilder text)
    {
        var logEvent = stored.Event;
        Field(text, Rfc3339.Format(logEvent.Timestamp)).Append(',');
        Field(text, SeverityNames.Of(logEvent.Level)).Append(',');
        Field(text, logEvent.Source).Append(',');
        Field(text, logEvent.Message).Append(',');
        Field(text, logEvent.Attributes ?? "").Append(',');
        Field(text, logEvent.Id.ToString()).Append(',');
        Field(text, stored.Key).Append(',');
        text.Append(FormattableString.Invariant($"{stored.Partition},{stored.Log},{stored.Offset},{Rfc3339.Format(stored.StoredAt)}\r\n"));
    }

    private static StringBuilder Field(StringBuilder text, string value) => value.AsSpan().ContainsAny(s_quoted)
        ? text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"')
        : text.Append(value);

    private static void WriteJson(StoredLogEvent stored, StringBuilder text) => text.Append(Encoding.UTF8.GetString(LogEventJson.Serialize(stored.Event))).Append('\n');
}
