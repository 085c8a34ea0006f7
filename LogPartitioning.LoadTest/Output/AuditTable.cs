using LogPartitioning.LoadTest.Auditing;
using Spectre.Console;

namespace LogPartitioning.LoadTest.Output;

/// <summary>An audit's verdict for people, and one line of it for scripts.</summary>
internal static class AuditTable
{
    public static void Show(AuditReport report, TimeSpan wait)
    {
        var table = ResultTables.New("", "");
        table.HideHeaders();
        table.Columns[1].RightAligned();
        void Row(string name, long value) => table.AddRow(name, $"{value:N0}");

        Row("acknowledged", report.Acknowledged);
        Row("stored", report.Stored);
        Row("sources", report.Sources);
        Row("lost", report.Lost);
        Row("duplicated", report.Duplicated);
        Row("out of order", report.OutOfOrder);
        Row("changed", report.Counts[FaultKind.Changed]);
        Row("misplaced", report.Counts[FaultKind.Misplaced]);
        Row("sent again", report.Retried);
        Row("an earlier attempt stored", report.EarlierCopies);
        Row("unknown outcome", report.Unknown);
        Row("of these stored", report.UnknownStored);
        AnsiConsole.Write(table);
        foreach (var fault in report.Examples)
        {
            Screen.Bad($"{Name(fault.Kind)}: {fault.Description}");
        }

        if (!report.CaughtUp)
        {
            Screen.Warn($"The consumers had not caught up after {wait.TotalSeconds:0.#} s; what is still on its way counts as lost. --wait gives them longer.");
        }

        var verdict = string.Join(", ", report.Counts.Where(c => c.Value > 0 || c.Key <= FaultKind.OutOfOrder).Select(c => $"{c.Value:N0} {Name(c.Key)}"));
        if (report.Passed)
        {
            Screen.Good(verdict);
        }
        else
        {
            Screen.Bad(verdict);
        }
    }

    private static string Name(FaultKind kind) => kind switch
    {
        FaultKind.Lost => "lost",
        FaultKind.Duplicated => "duplicated",
        FaultKind.OutOfOrder => "out of order",
        FaultKind.Changed => "changed",
        _ => "misplaced",
    };
}
