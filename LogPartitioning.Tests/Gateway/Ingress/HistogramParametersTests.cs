using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPartitioning.Tests.Gateway.Ingress;

public sealed class HistogramParametersTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 7, 0, 30, TimeSpan.Zero);

    private static (HistogramFilter? Filter, Dictionary<string, string[]> Problems) Read(string query)
    {
        HistogramParameters.TryRead(new QueryCollection(QueryHelpers.ParseQuery(query)), s_now, out var filter, out var problems);
        return (filter, problems);
    }

    [Fact]
    public void Without_parameters_the_last_day_is_counted_by_the_minute()
    {
        var filter = Read("").Filter!;

        Assert.Equal((Utc(21, 7, 0), Utc(22, 7, 1), "1m"), (filter.Range.From, filter.Range.To, filter.Step.Name));
    }

    [Fact]
    public void Every_parameter_is_understood()
    {
        var (filter, problems) = Read("?source=a&level=warn&minLevel=info&from=2026-11-20T07:00:59.9Z&to=2026-11-22T09:00:00.000001+01:00&step=1h");

        Assert.Empty(problems);
        Assert.Equal(("a", Severity.Warning, Severity.Information, "1h"), (filter!.Source, filter.Level, filter.MinLevel, filter.Step.Name));
        Assert.Equal(new TimeRange(Utc(20, 7, 0), Utc(22, 8, 1)), filter.Range);
    }

    [Theory]
    [InlineData("?from=2026-11-21T06:00:00Z&to=2026-11-22T07:00:00Z", "1m", 1500)]
    [InlineData("?from=2026-11-21T06:00:00Z&to=2026-11-22T07:00:01Z", "5m", 301)]
    [InlineData("?from=2026-11-01T00:00:30Z&to=2026-11-02T00:00:30Z&step=1d", "1d", 2)]
    [InlineData("?from=2025-11-21T12:00:00Z&to=2026-11-22T12:00:00Z", "1d", 367)]
    public void The_step_that_is_left_out_is_the_finest_that_fits(string query, string step, int buckets)
    {
        var filter = Read(query).Filter!;

        Assert.Equal((step, buckets), (filter.Step.Name, filter.Step.BucketsIn(filter.Range)));
    }

    [Theory]
    [InlineData("?step=2m", "step")]
    [InlineData("?step=", "step")]
    [InlineData("?step=1m&from=2026-11-01T00:00:00Z", "step")]
    [InlineData("?from=2026-11-22T07:00:00Z&to=2026-11-22T07:00:00Z", "to")]
    [InlineData("?from=2026-11-22T07:00:30Z", "from")]
    [InlineData("?from=2025-11-21T00:00:00Z&to=2026-11-22T00:00:01Z", "from")]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?to=tomorrow", "to")]
    [InlineData("?source=", "source")]
    [InlineData("?level=loud", "level")]
    [InlineData("?minLevel=loud", "minLevel")]
    public void A_parameter_that_breaks_a_rule_is_named(string query, string field)
    {
        var (filter, problems) = Read(query);
        Assert.Null(filter);
        Assert.Equal([field], problems.Keys);
    }

    [Fact]
    public void A_step_that_is_too_fine_is_told_the_finest_that_is_not() => Assert.Equal(
        "makes 30,960 buckets of the time from from to to, and 1,500 are the most; the finest that fits is 1h",
        Read("?step=1m&from=2026-11-01T00:00:00Z&to=2026-11-22T12:00:00Z").Problems["step"].Single());

    [Fact]
    public void The_ends_of_time_are_read_past()
    {
        Assert.NotNull(Read("?to=0001-01-01T00:00:01Z").Filter);
        Assert.NotNull(Read("?from=9999-12-31T23:59:59Z&to=9999-12-31T23:59:59.999999Z&step=1d").Filter);
    }

    private static DateTime Utc(int day, int hour, int minute) => new(2026, 11, day, hour, minute, 0, DateTimeKind.Utc);
}
