namespace LogPartitioning.Tests.Observability;

/// <summary>Asks a Prometheus whether every expression of the dashboard and of the rules has data.</summary>
/// <remarks>What is about the canary's round trip is asked by itself: it is not sent where tests count what they sent.</remarks>
internal sealed class ExpressionProbe(PrometheusQueries prometheus)
{
    private static readonly HashSet<string> s_ofCanary = [.. DocumentedMetric.All.Where(metric => metric.NeedsCanary).SelectMany(metric => metric.SeriesNames)];

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Waits until no expression lacks data. A query of the dashboard must yield a finite figure; an alert, which is silent
    /// while all is well, must yield something once its thresholds are taken away, and each metric that it selects must exist.
    /// </summary>
    /// <exception cref="TimeoutException">Some lack data when the deadline has passed; the message names them.</exception>
    public async Task SeesDataAsync(TimeSpan timeout) => await Eventually.SeesAsync(
        "data for every expression", async token => string.Join('\n', await FindMissingAsync(token)), missing => missing.Length == 0, timeout, Interval);

    private async Task<List<string>> FindMissingAsync(CancellationToken cancellationToken)
    {
        List<string> missing = [];
        IReadOnlySet<string> known = await prometheus.MetricNamesAsync(cancellationToken);
        foreach ((string panel, PromQlExpression expression) in Dashboard.Expressions().Where(one => !IsOfCanary(one.Expression)))
        {
            // "or vector(0)" draws a line at zero for a name that does not exist: each name is asked for by itself.
            missing.AddRange(UnknownMetrics(expression, known).Select(metric => $"panel '{panel}': no series named {metric}"));
            IReadOnlyList<PrometheusSample> samples = await prometheus.QueryAsync(expression.Text, cancellationToken);
            if (!samples.Any(sample => double.IsFinite(sample.Value)))
            {
                missing.Add($"panel '{panel}': {samples.Count} samples, none a finite figure: {expression}");
            }
        }

        foreach (PrometheusRule rule in await prometheus.RulesAsync(cancellationToken))
        {
            missing.AddRange(UnknownMetrics(rule.Expression, known).Select(metric => $"rule {rule.Name}: no series named {metric}"));
            if (rule.Health != "ok")
            {
                missing.Add($"rule {rule.Name}: {rule.Health} {rule.Error}");
            }
            else if ((await prometheus.QueryAsync(rule.Expression.Unconditional, cancellationToken)).Count == 0)
            {
                missing.Add($"rule {rule.Name}: no data: {rule.Expression.Unconditional}");
            }
        }

        return missing;
    }

    /// <summary>Waits until each panel has data that is about the round trip of the canary.</summary>
    public async Task SeesCanaryAsync(TimeSpan timeout)
    {
        var expressions = Dashboard.Expressions().Where(one => IsOfCanary(one.Expression)).ToList();
        Assert.NotEmpty(expressions);
        foreach (var (panel, expression) in expressions)
        {
            await Eventually.SeesAsync(
                $"a finite figure for panel '{panel}': {expression}",
                async token => await prometheus.QueryAsync(expression.Text, token),
                samples => samples.Any(sample => double.IsFinite(sample.Value)),
                timeout,
                Interval);
        }
    }

    private static bool IsOfCanary(PromQlExpression expression) => expression.Metrics.Any(s_ofCanary.Contains);

    // ALERTS exists from the first alert on.
    private static IEnumerable<string> UnknownMetrics(PromQlExpression expression, IReadOnlySet<string> known) =>
        expression.Metrics.Where(metric => metric != "ALERTS" && !known.Contains(metric));
}
