using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LogPartitioning.Gateway.Operate;

namespace LogPartitioning.Gateway.Console;

/// <summary>A move as the form of the page describes it, and as the API takes it.</summary>
/// <param name="Partitions">Which; null for all.</param>
/// <param name="Target">Where to; null where the form says nothing that can be done.</param>
/// <param name="Field">What the API calls that.</param>
/// <param name="Value">The value of it.</param>
/// <param name="Problem">What is wrong with the form; null when nothing is.</param>
internal sealed record MovePreview(IReadOnlyList<int>? Partitions, MoveTarget? Target, string Field, JsonNode? Value, string? Problem)
{
    /// <summary>What the form may ask for, and how it says so.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new Dictionary<string, string>
    {
        ["shiftBy"] = "by so many offsets (−500 is back)",
        ["toTime"] = "to a time",
        ["toOffset"] = "to an offset",
        ["beginning"] = "to the beginning of the log",
        ["end"] = "to the end of the log",
    };

    /// <summary>The form of a page's address; null where it was not sent.</summary>
    public static MovePreview? Of(PageContext page)
    {
        if (page.Text("move") is not { } kind)
        {
            return null;
        }

        var text = page.Text("value")?.Trim() ?? "";
        var (field, value) = kind switch
        {
            "beginning" or "end" => ("to", JsonValue.Create(kind)),
            "toTime" => ("toTime", JsonValue.Create(text)),
            _ when long.TryParse(text.Replace('−', '-'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => (kind, JsonValue.Create(number)),
            _ => (kind, JsonValue.Create(text)),
        };
        if (!TryReadPartitions(page.Text("partitions") ?? "all", out var partitions))
        {
            return new(null, null, field, value, "Partitions must be all, or numbers such as 0, 3-5.");
        }

        var problems = new Dictionary<string, string[]>();
        JsonElement? Given(string name) => name == field ? JsonSerializer.SerializeToElement(value) : null;
        var target = MoveTarget.Read(Given("shiftBy"), Given("toTime"), Given("toOffset"), Given("to"), problems);
        return new(partitions, target, field, value, target is null ? string.Join(" ", problems.Select(problem => $"{problem.Key} {string.Join(", ", problem.Value)}.")) : null);
    }

    /// <summary>The body that carries it out, where the positions are still those that it was planned from.</summary>
    public string BodyFor(IReadOnlyList<MovePlan> plans)
    {
        var expected = new JsonObject();
        foreach (var plan in plans)
        {
            expected[plan.Partition.ToString(CultureInfo.InvariantCulture)] = plan.From;
        }

        return new JsonObject
        {
            ["partitions"] = new JsonArray([.. plans.Select(plan => (JsonNode)plan.Partition)]),
            [Field] = Value?.DeepClone(),
            ["expected"] = expected,
        }.ToJsonString();
    }

    /// <summary>Numbers as a person writes them: <c>0, 3-5</c>; null for <c>all</c>.</summary>
    internal static bool TryReadPartitions(string text, out IReadOnlyList<int>? partitions)
    {
        partitions = null;
        if (text.Trim().Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var numbers = new SortedSet<int>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split(['-', '–'], 2, StringSplitOptions.TrimEntries);
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || last < first || last - first > 10_000)
            {
                return false;
            }

            numbers.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        partitions = [.. numbers];
        return numbers.Count > 0;
    }
}
