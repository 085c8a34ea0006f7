using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Export;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.Export;

public sealed class ExportFormatTests
{
    private static readonly StoredLogEvent s_stored = new(
        new(new("0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10"), "checkout, \"7\"", Severity.Warning, "line 1\nline 2, Grüße", new(2026, 11, 22, 7, 0, 0, 123, TimeSpan.Zero), """{"orderId":"42"}"""),
        "checkout, \"7\"-1", 10, 1, 1031, new(2026, 11, 22, 7, 0, 1, TimeSpan.Zero));

    [Fact]
    public void A_field_of_csv_is_quoted_where_it_has_to_be() => Assert.Equal(
        "2026-11-22T07:00:00.123Z,Warning,\"checkout, \"\"7\"\"\",\"line 1\nline 2, Grüße\",\"{\"\"orderId\"\":\"\"42\"\"}\",0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10,\"checkout, \"\"7\"\"-1\",10,1,1031,2026-11-22T07:00:01Z\r\n",
        Written(ExportFormat.Csv));

    [Fact]
    public void The_columns_of_csv_are_named_once_for_each_field() => Assert.Equal(11, ExportFormat.Csv.Head.Split(',').Length);

    [Fact]
    public void A_line_of_ndjson_is_an_event_that_can_be_sent_again()
    {
        var line = Written(ExportFormat.Ndjson);

        Assert.EndsWith("}\n", line, StringComparison.Ordinal);
        Assert.Empty(new LogEventReader(TimeProvider.System).Read(Encoding.UTF8.GetBytes(line.TrimEnd()), out var read));
        Assert.Equal(s_stored.Event, read);
    }

    private static string Written(ExportFormat format)
    {
        var text = new StringBuilder();
        format.Write(s_stored, text);
        return text.ToString();
    }
}
