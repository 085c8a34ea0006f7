using System.Globalization;
using System.Runtime.CompilerServices;

namespace LogPartitioning.Tests.Faults;

/// <summary>What a scenario came to.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Scenario">The fault, in words.</param>
/// <param name="Acknowledged">Events that were answered with 202.</param>
/// <param name="Stored">Rows of these events.</param>
/// <param name="Anomalies">What is wrong with them, by Jepsen's names.</param>
/// <param name="OutOfOrder">Stored against the order of acknowledgement.</param>
/// <param name="LongestPause">The longest time without a stored event in a partition; null where nothing paused.</param>
/// <param name="Recovery">From the end of the worst fault until every partition was stored to again; null where nothing paused.</param>
/// <param name="Note">What else was measured.</param>
internal sealed record FaultRow(
    int Number,
    string Scenario,
    long Acknowledged,
    long Stored,
    Anomalies Anomalies,
    long OutOfOrder,
    TimeSpan? LongestPause,
    TimeSpan? Recovery,
    string Note);

/// <summary>The report of a fault run: a Markdown table in <c>TestResults/faults.md</c>, written anew by each run.</summary>
internal static class FaultReport
{
    private static readonly Lock Gate = new();
    private static readonly SortedDictionary<string, string> Lines = [];

    /// <summary>Where the report is.</summary>
    public static string Path { get; } = RepositoryFiles.PathOf("TestResults/faults.md");

    /// <summary>Runs a scenario and adds its row, or the reason why it failed.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="name">The test, by whose name the rows are sorted.</param>
    public static async Task AddAsync(Func<Task<FaultRow>> scenario, [CallerMemberName] string name = "")
    {
        try
        {
            Add(name, Line(await scenario()));
        }
        catch (Exception e)
        {
            Add(name, $"| {name} | FAILED: {e.Message.ReplaceLineEndings(" ")} |");
            throw;
        }
    }

    /// <summary>A row of the table.</summary>
    public static string Line(FaultRow row) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {row.Number}. {row.Scenario} | {row.Acknowledged:N0} | {row.Stored:N0} | {row.Anomalies.LostWrites} | {row.Anomalies.Unseen} | {row.Anomalies.PollSkips} | {row.Anomalies.Duplicates} | {row.Anomalies.InconsistentOffsets} | {row.OutOfOrder} | {Seconds(row.LongestPause)} | {Seconds(row.Recovery)} | {row.Note} |");

    private static string Seconds(TimeSpan? time) =>
        time is { } t ? string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.0} s") : "no pause";

    private static void Add(string name, string line)
    {
        lock (Gate)
        {
            Lines[name] = line;
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            File.WriteAllLines(Path,
            [
                "| scenario | acknowledged | stored | lost-write | unseen | int-poll-skip | duplicate | inconsistent-offsets | out of order | longest pause | time to recover | also measured |",
                "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|",
                .. Lines.Values,
            ]);
        }
    }
}
