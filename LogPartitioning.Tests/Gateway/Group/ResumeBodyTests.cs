using System.Text.Json;
using LogPartitioning.Gateway.Group;

namespace LogPartitioning.Tests.Gateway.Group;

public sealed class ResumeBodyTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData("""{"partitions":[3,5],"action":"beginning"}""", "3,5")]
    [InlineData("""{"partitions":"all","action":"setAside"}""", null)]
    public void Partitions_are_read(string json, string? expected)
    {
        Assert.Empty(Read(json, out var partitions));
        Assert.Equal(expected, partitions is null ? null : string.Join(',', partitions));
    }

    [Theory]
    [InlineData("""{}""", "action,partitions")]
    [InlineData("""{"partitions":[],"action":"beginning"}""", "partitions")]
    [InlineData("""{"partitions":[-1],"action":"beginning"}""", "partitions")]
    [InlineData("""{"partitions":[1.5],"action":"beginning"}""", "partitions")]
    [InlineData("""{"partitions":"some","action":"again"}""", "action,partitions")]
    [InlineData("""{"partitions":"\ud800","action":"beginning"}""", "partitions")]
    public void Every_problem_is_named(string json, string fields) =>
        Assert.Equal(fields, string.Join(',', Read(json, out _).Keys.Order(StringComparer.Ordinal)));

    private static Dictionary<string, string[]> Read(string json, out IReadOnlyList<int>? partitions) =>
        JsonSerializer.Deserialize<ResumeBody>(json, Web)!.Read(out partitions);
}
