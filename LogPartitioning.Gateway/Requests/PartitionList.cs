using System.Text.Json;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Requests;

/// <summary>The partitions that a body names.</summary>
internal static class PartitionList
{
    /// <summary>Reads them.</summary>
    /// <param name="value">A list of numbers, or <c>"all"</c>.</param>
    /// <param name="problems">Gets what is wrong with it.</param>
    /// <param name="partitions">The numbers, each once; null for all.</param>
    public static void Read(JsonElement? value, IDictionary<string, string[]> problems, out IReadOnlyList<int>? partitions)
    {
        partitions = null;
        if (value is { ValueKind: JsonValueKind.Array } array
            && array.GetArrayLength() > 0
            && array.EnumerateArray().All(p => p.ValueKind == JsonValueKind.Number && p.TryGetInt32(out var number) && number >= 0))
        {
            partitions = [.. array.EnumerateArray().Select(p => p.GetInt32()).Distinct().Order()];
        }
        else if (JsonText.Of(value) != "all")
        {
            problems["partitions"] = ["must be a list of partitions' numbers, or \"all\""];
        }
    }

    /// <summary>The same for a line on record.</summary>
    public static string Show(IReadOnlyList<int>? partitions) => $"partitions {(partitions is null ? "all" : string.Join(", ", partitions))}";
}
