using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Replay;

/// <summary>What to process again.</summary>
/// <param name="Partition">The partition's number, or <c>"all"</c>.</param>
/// <param name="From">An offset (a number), or a time (RFC 3339): what came in at or after it.</param>
internal sealed record ReplayBody(JsonElement? Partition, JsonElement? From)
{
    /// <summary>The request, or null and every problem with it.</summary>
    public ReplayRequest? Read(out IDictionary<string, string[]> problems)
    {
        problems = new Dictionary<string, string[]>();
        int? partition = null;
        if (Partition is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var n) && n >= 0)
        {
            partition = n;
        }
        else if (JsonText.Of(Partition) != "all")
        {
            problems["partition"] = ["must be a partition's number or \"all\""];
        }
        ReplayStart? from = From switch
        {
            { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out var offset) && offset >= 0 =>
                new ReplayStart.Offset(offset),
            _ when JsonText.Of(From) is { } text && Rfc3339.TryParse(text, out var time) => new ReplayStart.Time(time),
            _ => null,
        };
        if (from is null)
        {
            problems["from"] = [$"must be an offset, a whole number from 0, or a time with its zone, such as 2026-11-22T07:00:00Z, {Rfc3339.Range}"];
        }
        return problems.Count == 0 ? new ReplayRequest(partition, from!) : null;
    }
}
