namespace LogPartitioning.Tests.Observability;

public sealed class PromQlExpressionTests
{
    [Theory]
    [InlineData("up == 0", "up")]
    [InlineData("rate(a_sum[1m]) / rate(a_count[1m])", "a_sum", "a_count")]
    [InlineData("sum by (partition) (rate(a_total{partition=~\"$partition\", x=\"by(y)}\"}[1m])) or vector(0)", "a_total")]
    [InlineData("sum(a) by (le) / ignoring (le) group_left (node) sum without (b) (c)", "a", "c")]
    [InlineData("min_over_time(partition:lag:max[2m]) > 0 and on (partition) partition:events:rate2m == 0", "partition:lag:max", "partition:events:rate2m")]
    [InlineData("(a_total unless a_total offset 10m) or increase(a_total[10m])", "a_total")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(b_bucket[5m]))) > 1e3", "b_bucket")]
    public void Metrics_are_the_selected_ones_and_nothing_else(string expression, params string[] metrics) =>
        Assert.Equal(metrics, new PromQlExpression(expression).Metrics);

    [Theory]
    [InlineData("up == 0", "up")]
    [InlineData("a > 1000 and deriv(a[10m]) > 1", "a and deriv(a[10m])")]
    [InlineData("a > 0 unless b > 0.5", "a or b")]
    [InlineData("absent(a)", "(a)")]
    [InlineData("a{code=~\"5..\"} > 5", "a{code=~\".+\"}")]
    [InlineData("a > b", "a > b")]
    public void Unconditional_expressions_have_no_thresholds(string expression, string unconditional) =>
        Assert.Equal(unconditional, new PromQlExpression(expression).Unconditional);
}
