using LogPartitioning.LoadTest.Auditing;

namespace LogPartitioning.LoadTest.Reports;

/// <summary>An audit's verdict for people, and one line of it for scripts.</summary>
internal static class AuditTable
{
    public static void Show(AuditReport report, TimeSpan wait)
    {
        Screen.ShowValues(
            ("acknowledged", $"{report.Acknowledged:N0}"),
            ("stored", $"{report.Stored:N0}"),
            ("sources", $"{report.Sources:N0}"),
            ("lost", $"{report.Lost:N0}"),
            ("duplicated", $"{report.Duplicated:N0}"),
            ("out of order", $"{report.OutOfOrder:N0}"),
            ("changed", $"{report.Count(FaultKind.Changed):N0}"),
            ("misplaced", $"{report.Count(FaultKind.Misplaced):N0}"),
            ("sent again", $"{report.Retried:N0}"),
            ("an earlier attempt stored", $"{report.EarlierCopies:N0}"),
            ("unknown outcome", $"{report.Unknown:N0}"),
            ("of these stored", $"{report.UnknownStored:N0}"));
        foreach (var fault in report.Examples)
        {
            Screen.Bad($"{Name(fault.Kind)}: {fault.Description}");
        }

        if (!report.CaughtUp)
        {
            Screen.Warn($"The consumers had not caught up after {wait.TotalSeconds:0.#} s; what is still on its way counts as lost. --wait gives them longer.");
        }

        var told = Enum.GetValues<FaultKind>().Where(kind => report.Count(kind) > 0 || kind <= FaultKind.OutOfOrder);
        var verdict = string.Join(", ", told.Select(kind => $"{report.Count(kind):N0} {Name(kind)}"));
        (report.Passed ? (Action<string>)Screen.Good : Screen.Bad)(verdict);
    }

    private static string Name(FaultKind kind) => kind == FaultKind.OutOfOrder ? "out of order" : kind.ToString().ToLowerInvariant();
}
