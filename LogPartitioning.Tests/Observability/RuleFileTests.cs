using System.Text.RegularExpressions;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Observability;

public sealed partial class RuleFileTests
{
    private static readonly string[] Severities = ["critical", "warning", "info"];

    private static string[] RuleFiles => Directory.GetFiles(RepositoryFiles.PathOf("LogPartitioning.AppHost/Prometheus"), "rules*.yml");

    private static string[] TestFiles => Directory.GetFiles(RepositoryFiles.PathOf("LogPartitioning.Tests/Observability/RuleTests"), "*.test.yml");

    [PrometheusFact]
    public async Task Promtool_accepts_every_rule_file()
    {
        Assert.NotEmpty(RuleFiles);
        await ChildProgram.RunAsync("promtool", ["check", "rules", .. RuleFiles]);
    }

    [PrometheusFact]
    public async Task Alerts_fire_when_they_should_and_only_then()
    {
        Assert.NotEmpty(TestFiles);
        await ChildProgram.RunAsync("promtool", ["test", "rules", .. TestFiles]);
    }

    [Fact]
    public void Every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not()
    {
        string tests = string.Concat(TestFiles.Select(File.ReadAllText));
        ILookup<string, bool> fires = AlertExpectation().Matches(tests)
            .ToLookup(match => match.Groups["alert"].Value, match => !match.Groups["none"].Success);

        foreach (AlertRule alert in AlertRule.ReadAll())
        {
            Assert.True(fires[alert.Name].Contains(true), $"No rule test shows that {alert.Name} fires.");
            Assert.True(fires[alert.Name].Contains(false), $"No rule test shows that {alert.Name} stays quiet.");
        }
    }

    [Fact]
    public void Every_alert_says_how_urgent_it_is_what_happened_and_what_to_read()
    {
        IReadOnlyList<AlertRule> alerts = AlertRule.ReadAll();
        Assert.NotEmpty(alerts);
        Assert.Equal(alerts.Count, alerts.Select(alert => alert.Name).Distinct().Count());
        foreach (AlertRule alert in alerts)
        {
            Assert.True(Severities.Contains(alert.Severity), $"{alert.Name} has severity '{alert.Severity}'.");
            Assert.False(string.IsNullOrWhiteSpace(alert.Summary), $"{alert.Name} has no summary.");
            Assert.False(string.IsNullOrWhiteSpace(alert.Description), $"{alert.Name} has no description.");
            Assert.Equal($"docs/operations.md#{alert.Name.ToLowerInvariant()}", alert.Runbook);
        }
    }

    [GeneratedRegex(@"alertname: (?<alert>\w+)\s+eval_time: \S+\s+exp_alerts:(?<none> \[\])?")]
    private static partial Regex AlertExpectation();
}
