using LogPartitioning.LoadTest.Sending;
using Spectre.Console;

namespace LogPartitioning.LoadTest.Reports;

/// <summary>A run's figures.</summary>
internal static class RunTable
{
    /// <summary>The figures that a run ends with.</summary>
    public static void Show(LoadStatistics s, string ledger)
    {
        Screen.ShowValues(
            ("sent", $"{s.Sent:N0}"),
            ("acknowledged", $"{s.Acknowledged:N0}"),
            ("rejected", $"{s.Rejected:N0}"),
            ("unknown outcome", $"{s.Unknown:N0}"),
            ("sent again", $"{s.Retried:N0}"),
            ("requests", s.FailedRequests == 0 ? $"{s.Requests:N0}" : $"{s.Requests:N0}, {s.FailedRequests:N0} failed"),
            ("time", $"{s.Elapsed.TotalSeconds:N2} s"),
            ("events/s", $"{s.EventsPerSecond:N0}"),
            ("request p50", $"{s.P50.TotalMilliseconds:N1} ms"),
            ("request p99", $"{s.P99.TotalMilliseconds:N1} ms"),
            ("longest gap", $"{s.LongestGap.TotalMilliseconds:N1} ms"));
        if (s.ByPartition.Count > 0)
        {
            var table = Screen.NewTable("partition", "events", "share");
            foreach (var (partition, events) in s.ByPartition)
            {
                table.AddRow($"{partition}", $"{events:N0}", $"{(double)events / s.Acknowledged:P1}");
            }

            AnsiConsole.Write(table);
        }

        if (s.LastProblem is { } problem)
        {
            Screen.Warn("Last problem: " + problem);
        }

        Screen.Say("Ledger: " + ledger);
    }

    /// <summary>The figures of a run that goes on, in one line.</summary>
    public static string Line(LoadStatistics s) =>
        $"{s.Acknowledged:N0} acknowledged, {s.EventsPerSecond:N0}/s"
        + (s.Rejected > 0 ? $", {s.Rejected:N0} rejected" : "")
        + (s.Retried > 0 ? $", {s.Retried:N0} retried" : "")
        + (s.FailedRequests > 0 && s.LastProblem is { } problem ? $" ({Short(problem)})" : "");

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
