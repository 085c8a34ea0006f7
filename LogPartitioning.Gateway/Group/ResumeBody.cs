using System.Text.Json;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.Group;

/// <summary>Which halted partitions are to be read again, and how.</summary>
/// <param name="Partitions">Their numbers, or <c>"all"</c>.</param>
/// <param name="Action"><c>beginning</c>, <c>retry</c> or <c>setAside</c>.</param>
internal sealed record ResumeBody(JsonElement? Partitions, string? Action)
{
    /// <summary>Every problem with it, by field.</summary>
    public Dictionary<string, string[]> Read(out IReadOnlyList<int>? partitions)
    {
        var problems = new Dictionary<string, string[]>();
        PartitionList.Read(Partitions, problems, out partitions);
        if (Action is null || !ResumeAction.All.Contains(Action))
        {
            problems["action"] = [$"must be one of {string.Join(", ", ResumeAction.All)}"];
        }
        return problems;
    }
}
