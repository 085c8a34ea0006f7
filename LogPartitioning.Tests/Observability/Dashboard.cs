using System.Text.Json;

namespace LogPartitioning.Tests.Observability;

/// <summary>The Grafana dashboard file.</summary>
internal static class Dashboard
{
    public const string File = "LogPartitioning.AppHost/Grafana/dashboards/log-partitioning.json";

    public static JsonElement Read()
    {
        using JsonDocument document = JsonDocument.Parse(RepositoryFiles.Read(File));
        return document.RootElement.Clone();
    }

    /// <summary>Panels that show something: rows are headings.</summary>
    public static IEnumerable<JsonElement> Panels(JsonElement dashboard) =>
        dashboard.GetProperty("panels").EnumerateArray().Where(panel => Type(panel) != "row");

    public static string Type(JsonElement panel) => panel.GetProperty("type").GetString()!;

    public static string Title(JsonElement panel) => panel.GetProperty("title").GetString()!;

    /// <summary>Every query of every panel, with the variables filled in as they are when "All" is chosen.</summary>
    public static IReadOnlyList<(string Panel, PromQlExpression Expression)> Expressions() =>
    [
        .. from panel in Panels(Read())
           from target in panel.GetProperty("targets").EnumerateArray()
           select (Title(panel), new PromQlExpression(target.GetProperty("expr").GetString()!.Replace("$partition", ".*", StringComparison.Ordinal))),
    ];
}
