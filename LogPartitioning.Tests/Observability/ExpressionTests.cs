using LogPartitioning.Tests.Documentation;

namespace LogPartitioning.Tests.Observability;

public sealed class ExpressionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [PrometheusFact]
    public async Task Every_expression_has_data_where_exactly_the_documented_metrics_are_exported()
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromMinutes(3));
        await using MetricsExporter exporter = await MetricsExporter.StartAsync(timeout.Token);
        await using PrometheusProcess prometheus = await PrometheusProcess.StartAsync(
            exporter.Address, RepositoryFiles.PathOf("LogPartitioning.AppHost/Prometheus/rules*.yml"), timeout.Token);

        IReadOnlyList<string> missing = await new ExpressionProbe(prometheus.Queries).WaitForDataAsync(Deadline, timeout.Token);
        Assert.True(missing.Count == 0, $"After {Deadline.TotalSeconds} s without data:\n{string.Join('\n', missing)}");

        IReadOnlyList<PrometheusRule> rules = await prometheus.Queries.RulesAsync(timeout.Token);
        Assert.Equal(
            AlertRule.ReadAll().Select(alert => alert.Name).Order(),
            rules.Where(rule => rule.Type == "alerting").Select(rule => rule.Name).Order());
    }
}
