using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Replay;

namespace LogPartitioning.Tests.Gateway.Replay;

public sealed class ReplayBodyTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData("""{"partition":3,"from":120}""", 3, 120L)]
    [InlineData("""{"partition":"all","from":0}""", null, 0L)]
    public void An_offset_is_read(string json, int? partition, long from) =>
        Assert.Equal(new ReplayRequest(partition, new ReplayStart.Offset(from)), Read(json, out _));

    [Fact]
    public void A_time_is_read() => Assert.Equal(
        new ReplayRequest(null, new ReplayStart.Time(new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero))),
        Read("""{"partition":"all","from":"2026-11-22T07:00:00+02:00"}""", out _));

    [Theory]
    [InlineData("""{}""", "from,partition")]
    [InlineData("""{"partition":"some","from":0}""", "partition")]
    [InlineData("""{"partition":-1,"from":0}""", "partition")]
    [InlineData("""{"partition":1.5,"from":0}""", "partition")]
    [InlineData("""{"partition":"all","from":-1}""", "from")]
    [InlineData("""{"partition":"all","from":"2026-11-22T07:00:00"}""", "from")]
    [InlineData("""{"partition":"all","from":"yesterday"}""", "from")]
    [InlineData("""{"partition":"all","from":"0001-01-01T00:00:00Z"}""", "from")]
    [InlineData("""{"partition":"all","from":99999999999999999999}""", "from")]
    [InlineData("""{"partition":null,"from":null}""", "from,partition")]
    [InlineData("""{"partition":"\ud800","from":"\udc00"}""", "from,partition")]
    public void Every_problem_is_named(string json, string fields)
    {
        Assert.Null(Read(json, out var problems));
        Assert.Equal(fields, string.Join(',', problems.Keys.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_time_out_of_range_is_told_the_range()
    {
        Assert.Null(Read("""{"partition":"all","from":"0001-01-01T00:00:00Z"}""", out var problems));
        Assert.Contains(Rfc3339.Range, problems["from"].Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00.000001Z", 0)]
    [InlineData("1969-12-31T23:59:59.999Z", 0)]
    [InlineData("1970-01-01T00:00:00.001Z", 1)]
    public void Brokers_are_never_asked_for_a_time_that_means_an_end_of_the_log(string from, long milliseconds)
    {
        Assert.True(Rfc3339.TryParse(from, out var time));
        Assert.Equal(milliseconds, TopicBoundsReader.MillisecondsOf(time));
    }

    private static ReplayRequest? Read(string json, out IDictionary<string, string[]> problems) =>
        JsonSerializer.Deserialize<ReplayBody>(json, Web)!.Read(out problems);
}
