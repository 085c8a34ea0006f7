using System.Globalization;
using System.Text;

namespace LogPartitioning.Tests.Faults;

/// <summary>What a scenario came to.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Scenario">The fault, in words.</param>
/// <param name="Acknowledged">Events that were answered with 202.</param>
/// <param name="Stored">Rows of these events.</param>
/// <param name="Lost">Acknowledged and not stored.</param>
/// <param name="Duplicated">Stored more than once.</param>
/// <param name="OutOfOrder">Stored against the order of acknowledgement.</param>
/// <param name="LongestPause">The longest time without a stored event in a partition.</param>
/// <param name="Recovery">From the end of the worst fault until every partition was stored to again; null where nothing paused.</param>
/// <param name="Note">What else was measured.</param>
internal sealed record FaultRow(
    int Number,
    string Scenario,
    long Acknowledged,
    long Stored,
    long Lost,
    long Duplicated,
    long OutOfOrder,
    TimeSpan LongestPause,
    TimeSpan? Recovery,
    string Note);

/// <summary>The report of a fault run: a Markdown table in <c>TestResults/faults.md</c>, written anew after each scenario.</summary>
internal static class FaultReport
{
    private static readonly Lock Gate = new();
    private static readonly SortedDictionary<int, FaultRow> Rows = [];

    /// <summary>Where the report is.</summary>
    public static string Path { get; } = System.IO.Path.Combine(Root(), "TestResults", "faults.md");

    /// <summary>Adds a scenario; one that is run again replaces its row.</summary>
    /// <returns>The row as it stands in the table.</returns>
    public static string Add(FaultRow row)
    {
        lock (Gate)
        {
            Rows[row.Number] = row;
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            File.WriteAllText(Path, Render(Rows.Values));
        }

        return Line(row);
    }

    /// <summary>The table.</summary>
    public static string Render(IEnumerable<FaultRow> rows)
    {
        var text = new StringBuilder();
        text.AppendLine("| scenario | acknowledged | stored | lost | duplicated | out of order | longest pause | time to recover | also measured |");
        text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|---|");
        foreach (var row in rows)
        {
            text.AppendLine(Line(row));
        }

        return text.ToString();
    }

    private static string Line(FaultRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Number}. {row.Scenario} | {row.Acknowledged:N0} | {row.Stored:N0} | {row.Lost} | {row.Duplicated} | {row.OutOfOrder} | {row.LongestPause.TotalSeconds:0.0} s | {(row.Recovery is { } recovery ? string.Create(CultureInfo.InvariantCulture, $"{recovery.TotalSeconds:0.0} s") : "no pause")} | {row.Note} |");

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "LogPartitioning.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
