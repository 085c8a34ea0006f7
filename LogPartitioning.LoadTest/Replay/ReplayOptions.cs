using LogPartitioning.Core.Events;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Replay;

/// <summary>Log files to send, one source a file.</summary>
public sealed record ReplayOptions
{
    /// <summary>The files; each becomes a source named after it, without its extension.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>
    /// Sends a line that is not UTF-8 with U+FFFD in place of what is not; otherwise such a line is not sent, since
    /// what would be stored is not the line.
    /// </summary>
    public bool ReplaceInvalid { get; init; }

    /// <summary>Lines per second over all files; 0 for as fast as they are acknowledged.</summary>
    public double Rate { get; init; }

    /// <summary>How requests are made.</summary>
    public SendingOptions Sending { get; init; } = new();

    /// <summary>The source that a file's lines come from.</summary>
    public static string SourceOf(string file) =>
        Path.GetFileNameWithoutExtension(file) is { Length: > 0 } name ? name : Path.GetFileName(file);

    /// <summary>Everything that is wrong with these options, in words; none when they are valid.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (var problem in Sending.Problems())
        {
            yield return problem;
        }

        if (Files.Count == 0)
        {
            yield return "No file to replay.";
        }

        if (!double.IsFinite(Rate) || Rate < 0)
        {
            yield return $"The rate must be 0 or more lines per second; it is {Rate}.";
        }

        foreach (var file in Files)
        {
            if (!File.Exists(file))
            {
                yield return Directory.Exists(file) ? $"{file} is a folder, not a file." : $"There is no file {file}.";
            }

            if (EventRules.BrokenBySource(SourceOf(file)) is { } rule)
            {
                yield return $"{file}: its name as a source {rule}.";
            }
        }

        foreach (var same in Files.GroupBy(SourceOf, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            yield return $"{string.Join(" and ", same)} would be one source, {same.Key}: their lines would have no order among them.";
        }
    }
}
