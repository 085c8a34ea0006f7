using System.Text.Json;
using LogPartitioning.ServiceDefaults.Requests;

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
        partitions = null;
        if (Partitions is { ValueKind: JsonValueKind.Array } array
            && array.GetArrayLength() > 0
            && array.EnumerateArray().All(p => p.ValueKind == JsonValueKind.Number && p.TryGetInt32(out var number) && number >= 0))
        {
            partitions = [.. array.EnumerateArray().Select(p => p.GetInt32())];
        }
        else if (JsonText.Of(Partitions) != "all")
        {
            problems["partitions"] = ["must be a list of partitions' numbers, or \"all\""];
        }
        if (Action is null || !ResumeAction.All.Contains(Action))
        {
            problems["action"] = [$"must be one of {string.Join(", ", ResumeAction.All)}"];
        }
        return problems;
    }
}
