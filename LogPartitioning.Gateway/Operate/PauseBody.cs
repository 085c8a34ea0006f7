using System.Text.Json;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Operate;

/// <summary>Which partitions are not to be read for a while, and why.</summary>
/// <param name="Partitions">Their numbers, or <c>"all"</c>.</param>
/// <param name="Reason">Why, in at most 200 characters; may be left out.</param>
internal sealed record PauseBody(JsonElement? Partitions, JsonElement? Reason)
{
    /// <summary>The longest reason, in characters.</summary>
    public const int MaxReason = 200;

    /// <summary>Every problem with it, by field.</summary>
    public Dictionary<string, string[]> Read(out IReadOnlyList<int>? partitions, out string? reason)
    {
        var problems = new Dictionary<string, string[]>();
        PartitionList.Read(Partitions, problems, out partitions);
        var text = JsonText.Of(Reason);
        reason = string.IsNullOrWhiteSpace(text) ? null : text.Trim();
        if (Reason is { ValueKind: not JsonValueKind.Null } && (text is null || text.Length > MaxReason || text.Any(char.IsControl)))
        {
            // One line: it is shown in logs, verdicts and health.
            problems["reason"] = [$"must be a text of at most {MaxReason} characters, in one line"];
        }

        return problems;
    }
}

/// <summary>Which paused partitions are to be read again.</summary>
/// <param name="Partitions">Their numbers, or <c>"all"</c>.</param>
internal sealed record ResumePausedBody(JsonElement? Partitions)
{
    /// <summary>Every problem with it, by field.</summary>
    public Dictionary<string, string[]> Read(out IReadOnlyList<int>? partitions)
    {
        var problems = new Dictionary<string, string[]>();
        PartitionList.Read(Partitions, problems, out partitions);
        return problems;
    }
}
