using System.Text.Json;
using LogPartitioning.Gateway.Operate;

namespace LogPartitioning.Tests.Gateway.Operate;

public sealed class MoveBodyTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData("\"shiftBy\":-500", "shiftBy -500")]
    [InlineData("\"toTime\":\"2026-11-22T08:00:00+01:00\"", "toTime 2026-11-22T07:00:00Z")]
    [InlineData("\"toOffset\":0", "toOffset 0")]
    [InlineData("\"to\":\"beginning\"", "to beginning")]
    [InlineData("\"to\":\"end\",\"shiftBy\":null", "to end")]
    public void The_place_is_one_of_four(string field, string shown)
    {
        Assert.Empty(JsonSerializer.Deserialize<MovePreviewBody>($$"""{"partitions":"all",{{field}}}""", Web)!.Read(out _, out var target));
        Assert.Equal(shown, target!.Show());
    }

    [Theory]
    [InlineData("""{"partitions":"all"}""", "body")]
    [InlineData("""{"partitions":"some","shiftBy":1,"to":"end"}""", "body,partitions")]
    [InlineData("""{"partitions":"all","shiftBy":0}""", "shiftBy")]
    [InlineData("""{"partitions":"all","shiftBy":1.5}""", "shiftBy")]
    [InlineData("""{"partitions":"all","shiftBy":"-5"}""", "shiftBy")]
    [InlineData("""{"partitions":"all","toTime":"2026-11-22T08:00:00"}""", "toTime")]
    [InlineData("""{"partitions":"all","toOffset":-1}""", "toOffset")]
    [InlineData("""{"partitions":"all","to":"start"}""", "to")]
    public void Every_problem_of_the_place_is_named(string json, string fields) =>
        Assert.Equal(fields, string.Join(',', JsonSerializer.Deserialize<MovePreviewBody>(json, Web)!.Read(out _, out _).Keys.Order(StringComparer.Ordinal)));

    [Fact]
    public void A_move_says_where_it_expects_the_positions()
    {
        Assert.Empty(Read("""{"0":1234,"11":0}""", out var expected));
        Assert.Equal([(0, 1234L), (11, 0L)], expected.OrderBy(p => p.Key).Select(p => (p.Key, p.Value)));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1234]")]
    [InlineData("""{"-1":5}""")]
    [InlineData("""{" 1":5}""")]
    [InlineData("""{"1":-5}""")]
    [InlineData("""{"1":"5"}""")]
    [InlineData("""{"1":5,"01":6}""")]
    public void Expected_positions_that_are_none_are_named(string expected) => Assert.Equal(["expected"], Read(expected, out _).Keys);

    private static Dictionary<string, string[]> Read(string expected, out IReadOnlyDictionary<int, long> positions) =>
        JsonSerializer.Deserialize<MoveBody>($$"""{"partitions":"all","to":"end","expected":{{expected}}}""", Web)!.Read(out _, out _, out positions);
}
