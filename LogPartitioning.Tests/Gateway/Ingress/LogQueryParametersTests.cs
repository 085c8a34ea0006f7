using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPartitioning.Tests.Gateway.Ingress;

public sealed class LogQueryParametersTests
{
    private static (LogFilter? Filter, Dictionary<string, string[]> Problems) Read(string query)
    {
        LogQueryParameters.TryRead(new QueryCollection(QueryHelpers.ParseQuery(query)), out var filter, out var problems);
        return (filter, problems);
    }

    [Fact]
    public void Without_parameters_the_first_hundred_are_asked_for() => Assert.Equal(new LogFilter { Limit = 100 }, Read("").Filter);

    [Fact]
    public void Every_parameter_is_understood()
    {
        var cursor = new LogCursor(LogOrder.Newest, new(new DateTime(2026, 11, 22, 7, 0, 0, DateTimeKind.Utc), 3, 1, 41));
        var (filter, problems) = Read($"?source=a%2Fb&level=warn&minLevel=info&order=newest&from=2026-11-22T07:00:00Z&to=2026-11-22T09:00:00+01:00&contains=x&limit=1000&cursor={cursor}");

        Assert.Empty(problems);
        Assert.Equal(("a/b", Severity.Warning, Severity.Information, "x", 1000), (filter!.Source, filter.Level, filter.MinLevel, filter.Contains, filter.Limit));
        Assert.Equal(LogOrder.Newest, filter.Order);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero), filter.From);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero), filter.To);
        Assert.Equal(cursor, filter.After);
    }

    [Fact]
    public void A_cursor_goes_with_its_order_alone()
    {
        var place = new LogPlace(new DateTime(2026, 11, 22, 7, 0, 0, DateTimeKind.Utc), 3, 1, 41);

        Assert.Equal("is one of order=newest; ask for that order, or start again without it", Read($"?cursor={new LogCursor(LogOrder.Newest, place)}").Problems["cursor"].Single());
        Assert.Equal("is one of order=oldest; ask for that order, or start again without it", Read($"?order=newest&cursor={new LogCursor(LogOrder.Oldest, place)}").Problems["cursor"].Single());
        Assert.NotNull(Read($"?order=oldest&cursor={new LogCursor(LogOrder.Oldest, place)}").Filter);
        Assert.Equal(
            "is one of dead letters, or of an earlier version of this service; start again without it",
            Read($"?cursor={new OffsetsCursor([new(3, 41)])}").Problems["cursor"].Single());
    }

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?limit=ten", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?level=loud", "level")]
    [InlineData("?level=3", "level")]
    [InlineData("?minLevel=loud", "minLevel")]
    [InlineData("?order=Newest", "order")]
    [InlineData("?order=", "order")]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?to=2026-11-22", "to")]
    [InlineData("?from=0001-01-01T00:00:00Z", "from")]
    [InlineData("?to=9999-12-31T23:59:60Z", "to")]
    [InlineData("?from=2026-11-22T07:00:00Z&to=2026-11-22T07:00:00Z", "to")]
    [InlineData("?source=", "source")]
    [InlineData("?contains=%00", "contains")]
    [InlineData("?cursor=abc", "cursor")]
    [InlineData("?cursor=", "cursor")]
    public void A_parameter_that_breaks_a_rule_is_named(string query, string field)
    {
        var (filter, problems) = Read(query);
        Assert.Null(filter);
        Assert.Equal([field], problems.Keys);
    }

    [Theory]
    [InlineData("from", "0001-01-01T00:00:00Z")]
    [InlineData("to", "0000-12-31T23:59:59Z")]
    public void A_time_out_of_range_is_told_the_range(string parameter, string time) =>
        Assert.Contains(Rfc3339.Range, Read($"?{parameter}={time}").Problems[parameter].Single(), StringComparison.Ordinal);

    [Theory]
    [InlineData("source", 255)]
    [InlineData("contains", 1024)]
    public void Lengths_count_characters_as_events_do(string parameter, int longest)
    {
        var text = string.Concat(Enumerable.Repeat("\ud83e\udeb5", longest));

        Assert.NotNull(Read($"?{parameter}={Uri.EscapeDataString(text)}").Filter);
        Assert.Equal([parameter], Read($"?{parameter}={Uri.EscapeDataString(text)}x").Problems.Keys);
    }

    [Fact]
    public void All_problems_are_told_at_once() => Assert.Equal(2, Read("?limit=0&level=loud").Problems.Count);
}
