using System.Globalization;
using System.Text.Json;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.Operate;

/// <summary>A move that is to be shown and not made.</summary>
/// <param name="Partitions">The partitions' numbers, or <c>"all"</c>.</param>
/// <param name="ShiftBy">So many offsets on, or back where it is negative.</param>
/// <param name="ToTime">To the first record that came in at this time (RFC 3339) or after it.</param>
/// <param name="ToOffset">To this offset.</param>
/// <param name="To"><c>beginning</c> or <c>end</c> of what the brokers hold.</param>
internal sealed record MovePreviewBody(JsonElement? Partitions, JsonElement? ShiftBy, JsonElement? ToTime, JsonElement? ToOffset, JsonElement? To)
{
    /// <summary>Every problem with it, by field; empty where <paramref name="target"/> is there.</summary>
    public Dictionary<string, string[]> Read(out IReadOnlyList<int>? partitions, out MoveTarget? target)
    {
        var problems = new Dictionary<string, string[]>();
        PartitionList.Read(Partitions, problems, out partitions);
        target = MoveTarget.Read(ShiftBy, ToTime, ToOffset, To, problems);
        return problems;
    }
}

/// <summary>A move that is to be made: what was previewed, and the positions that it was previewed from.</summary>
/// <param name="Partitions">The partitions' numbers, or <c>"all"</c>.</param>
/// <param name="ShiftBy">So many offsets on, or back where it is negative.</param>
/// <param name="ToTime">To the first record that came in at this time (RFC 3339) or after it.</param>
/// <param name="ToOffset">To this offset.</param>
/// <param name="To"><c>beginning</c> or <c>end</c> of what the brokers hold.</param>
/// <param name="Expected">The preview's <c>from</c>, by partition.</param>
internal sealed record MoveBody(
    JsonElement? Partitions, JsonElement? ShiftBy, JsonElement? ToTime, JsonElement? ToOffset, JsonElement? To, JsonElement? Expected)
{
    /// <summary>Every problem with it, by field; empty where <paramref name="target"/> is there.</summary>
    public Dictionary<string, string[]> Read(out IReadOnlyList<int>? partitions, out MoveTarget? target, out IReadOnlyDictionary<int, long> expected)
    {
        var problems = new MovePreviewBody(Partitions, ShiftBy, ToTime, ToOffset, To).Read(out partitions, out target);
        var positions = new Dictionary<int, long>();
        expected = positions;
        var isRead = Expected is { ValueKind: JsonValueKind.Object } given && given.EnumerateObject().All(position =>
            int.TryParse(position.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            && position.Value.ValueKind == JsonValueKind.Number && position.Value.TryGetInt64(out var offset) && offset >= 0
            && positions.TryAdd(partition, offset));
        if (!isRead || positions.Count == 0)
        {
            problems["expected"] = ["must have the preview's \"from\" of each partition, such as {\"3\": 1234}"];
        }

        return problems;
    }
}
