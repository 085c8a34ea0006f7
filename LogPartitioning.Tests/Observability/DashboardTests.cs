using System.Text.Json;
using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Observability;

public sealed class DashboardTests
{
    private static readonly string[] PanelTypes = ["bargauge", "heatmap", "row", "stat", "timeseries"];

    private readonly JsonElement _dashboard = Dashboard.Read();

    [Fact]
    public void Dashboard_has_an_identity_and_a_schema_that_Grafana_11_and_later_read()
    {
        Assert.Equal("log-partitioning", _dashboard.GetProperty("uid").GetString());
        Assert.False(string.IsNullOrEmpty(_dashboard.GetProperty("title").GetString()));
        Assert.InRange(_dashboard.GetProperty("schemaVersion").GetInt32(), 39, 42);
        Assert.False(_dashboard.TryGetProperty("__inputs", out _), "A dashboard with __inputs is an export for the import dialog; provisioning does not fill them in.");
        Assert.False(_dashboard.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number, "An id belongs to one Grafana's database.");
    }

    [Fact]
    public void Panels_have_unique_ids_known_types_and_lie_within_the_grid_without_overlap()
    {
        List<JsonElement> panels = [.. _dashboard.GetProperty("panels").EnumerateArray()];
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());

        HashSet<(int X, int Y)> taken = [];
        foreach (JsonElement panel in panels)
        {
            Assert.Contains(Dashboard.Type(panel), PanelTypes);
            JsonElement position = panel.GetProperty("gridPos");
            (int x, int y, int w, int h) = (Get("x"), Get("y"), Get("w"), Get("h"));
            Assert.True(w > 0 && h > 0 && x >= 0 && y >= 0 && x + w <= 24, $"'{Dashboard.Title(panel)}' lies outside the 24 columns.");
            for (int column = x; column < x + w; column++)
            {
                for (int line = y; line < y + h; line++)
                {
                    Assert.True(taken.Add((column, line)), $"'{Dashboard.Title(panel)}' overlaps another panel at {column}, {line}.");
                }
            }

            int Get(string name) => position.GetProperty(name).GetInt32();
        }
    }

    [Fact]
    public void Panels_say_what_they_show_in_which_unit_and_ask_the_provisioned_data_source()
    {
        string provisioned = RepositoryFiles.Read("LogPartitioning.AppHost/Grafana/provisioning/datasources/prometheus.yml");
        string uid = Regex.Match(provisioned, @"^\s+uid: (\S+)$", RegexOptions.Multiline).Groups[1].Value;

        foreach (JsonElement panel in Dashboard.Panels(_dashboard))
        {
            string title = Dashboard.Title(panel);
            Assert.False(string.IsNullOrWhiteSpace(title), "A panel has no title.");
            Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("description").GetString()), $"'{title}' has no description.");
            Assert.False(string.IsNullOrWhiteSpace(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()), $"'{title}' has no unit.");
            Assert.Equal(uid, panel.GetProperty("datasource").GetProperty("uid").GetString());

            List<JsonElement> targets = [.. panel.GetProperty("targets").EnumerateArray()];
            Assert.NotEmpty(targets);
            Assert.Equal(targets.Count, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
            Assert.All(targets, target =>
            {
                Assert.False(string.IsNullOrWhiteSpace(target.GetProperty("expr").GetString()), $"'{title}' has an empty query.");
                Assert.Equal(uid, target.GetProperty("datasource").GetProperty("uid").GetString());
            });
        }
    }

    [Fact]
    public void Variables_used_in_queries_are_defined()
    {
        HashSet<string> defined = [.. _dashboard.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("name").GetString()!)];
        foreach (JsonElement panel in Dashboard.Panels(_dashboard))
        {
            foreach (JsonElement target in panel.GetProperty("targets").EnumerateArray())
            {
                foreach (Match match in Regex.Matches(target.GetProperty("expr").GetString()!, @"\$\{?(\w+)"))
                {
                    Assert.True(defined.Contains(match.Groups[1].Value), $"'{Dashboard.Title(panel)}' uses ${match.Groups[1].Value}, which is not defined.");
                }
            }
        }
    }

    [Fact]
    public void Every_documented_metric_is_shown_and_the_mean_processing_time() => Assert.All(
        [.. DocumentedMetric.All.Select(metric => metric.Name), "rate(log_processing_time_seconds_sum[1m]) / rate(log_processing_time_seconds_count[1m])"],
        part => Assert.Contains(Dashboard.Expressions(), query => query.Expression.Text.Contains(part, StringComparison.Ordinal)));
}
