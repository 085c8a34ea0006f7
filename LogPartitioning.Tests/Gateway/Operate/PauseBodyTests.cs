using System.Text.Json;
using LogPartitioning.Gateway.Operate;

namespace LogPartitioning.Tests.Gateway.Operate;

public sealed class PauseBodyTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData("""{"partitions":[5,3,5]}""", "3,5", null)]
    [InlineData("""{"partitions":"all","reason":" the disk "}""", null, "the disk")]
    [InlineData("""{"partitions":"all","reason":null}""", null, null)]
    [InlineData("""{"partitions":"all","reason":"  "}""", null, null)]
    public void Partitions_and_a_reason_are_read(string json, string? partitions, string? reason)
    {
        Assert.Empty(JsonSerializer.Deserialize<PauseBody>(json, Web)!.Read(out var read, out var why));
        Assert.Equal((partitions, reason), (read is null ? null : string.Join(',', read), why));
    }

    [Theory]
    [InlineData("{}", "partitions")]
    [InlineData("""{"partitions":[],"reason":7}""", "partitions,reason")]
    [InlineData("""{"partitions":[1],"reason":"two\nlines"}""", "reason")]
    [InlineData("""{"partitions":[1],"reason":"\ud800"}""", "reason")]
    public void Every_problem_is_named(string json, string fields) =>
        Assert.Equal(fields, string.Join(',', JsonSerializer.Deserialize<PauseBody>(json, Web)!.Read(out _, out _).Keys.Order(StringComparer.Ordinal)));

    [Fact]
    public void A_reason_has_200_characters_at_most()
    {
        Assert.Empty(Read(new string('x', PauseBody.MaxReason)));
        Assert.Equal(["reason"], Read(new string('x', PauseBody.MaxReason + 1)).Keys);

        static Dictionary<string, string[]> Read(string reason) =>
            JsonSerializer.Deserialize<PauseBody>(JsonSerializer.Serialize(new { partitions = "all", reason }), Web)!.Read(out _, out _);
    }
}
