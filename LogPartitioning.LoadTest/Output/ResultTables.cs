using LogPartitioning.LoadTest.Load;
using Spectre.Console;

namespace LogPartitioning.LoadTest.Output;

/// <summary>The figures that a run ends with.</summary>
internal static class ResultTables
{
    public static void Show(LoadStatistics s, string ledger)
    {
        var table = New("", "");
        table.HideHeaders();
        table.Columns[1].RightAligned();
        void Row(string name, string value) => table.AddRow(Markup.Escape(name), Markup.Escape(value));

        Row("sent", $"{s.Sent:N0}");
        Row("acknowledged", $"{s.Acknowledged:N0}");
        Row("rejected", $"{s.Rejected:N0}");
        Row("unknown outcome", $"{s.Unknown:N0}");
        Row("sent again", $"{s.Retried:N0}");
        Row("requests", s.FailedRequests == 0 ? $"{s.Requests:N0}" : $"{s.Requests:N0}, {s.FailedRequests:N0} failed");
        Row("time", $"{s.Elapsed.TotalSeconds:N2} s");
        Row("events/s", $"{s.EventsPerSecond:N0}");
        Row("request p50", Milliseconds(s.P50));
        Row("request p99", Milliseconds(s.P99));
        Row("longest gap", Milliseconds(s.LongestGap));
        AnsiConsole.Write(table);
        ShowPartitions(s);
        if (s.LastProblem is { } problem)
        {
            Screen.Warn("Last problem: " + problem);
        }

        Screen.Say("Ledger: " + ledger);
    }

    /// <summary>A table that reads well in a terminal and in a file.</summary>
    public static Table New(params string[] columns)
    {
        var table = new Table { Border = Screen.IsTerminal ? TableBorder.Rounded : TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(Markup.Escape(column));
        }

        return table;
    }

    private static void ShowPartitions(LoadStatistics s)
    {
        if (s.ByPartition.Count == 0)
        {
            return;
        }

        var table = New("partition", "events", "share");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        foreach (var (partition, events) in s.ByPartition)
        {
            table.AddRow($"{partition}", $"{events:N0}", $"{(double)events / s.Acknowledged:P1}");
        }

        AnsiConsole.Write(table);
    }

    private static string Milliseconds(TimeSpan time) => $"{time.TotalMilliseconds:N1} ms";
}
