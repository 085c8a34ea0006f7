using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Tests.Core.GroupState;

/// <summary>Whatever stands in Redis is either what an instance would have written, or refused with a reason.</summary>
public sealed class PublishedValueTests
{
    private static readonly string s_state = JsonSerializer.Serialize(GroupSamples.Instance, GroupStateJson.Default.InstanceState);
    private static readonly string s_rebalance = JsonSerializer.Serialize(
        GroupSamples.Rebalance(1) with { Pauses = [new(1, 5)] }, GroupStateJson.Default.RebalanceEvent);

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\"consumer-1\"")]
    [InlineData("17")]
    [InlineData("{\"instance\":\"consumer-1\"")]
    public void What_is_no_state_is_refused(string value)
    {
        Assert.NotNull(PublishedValue.ReadState("consumer-1", Encoding.UTF8.GetBytes(value)).Problem);
        Assert.NotNull(PublishedValue.ReadRebalance(Encoding.UTF8.GetBytes(value)).Problem);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_values_without_end_are_refused()
    {
        Assert.Equal("it is not the JSON expected", PublishedValue.ReadState("consumer-1", [0xff, 0xfe, 0x00]).Problem);
        Assert.Equal("it is longer than 4 MiB", PublishedValue.ReadState("consumer-1", new byte[PublishedValue.MaxBytes + 1]).Problem);
        Assert.NotNull(PublishedValue.ReadState("consumer-1", Encoding.UTF8.GetBytes(new string('[', 100_000))).Problem);
    }

    [Theory]
    [InlineData("eventsPerSecond", "1e999", "it has a number that is out of range")]
    [InlineData("workers", "[null]", "it has a null in a list")]
    [InlineData("workers", """[{"worker":-1,"clientId":"x","state":"running","partitions":[]}]""", "it has a number that is out of range")]
    [InlineData("workers", """[{"worker":0,"clientId":"x","state":"running","partitions":[-1]}]""", "it has a number that is out of range")]
    [InlineData("workers", """[{"worker":0,"clientId":"x","state":"running"}]""", "it is not as expected at $.workers[0]")]
    [InlineData("partitions", "[null]", "it has a null in a list")]
    [InlineData("stores", """{"logs":null}""", "it has a null in a list")]
    [InlineData("instance", "\"consumer-2\"", "it is another instance's state")]
    [InlineData("fenced", "99999999999999999999", "it is not as expected at $.fenced")]
    public void A_state_with_one_wrong_part_is_refused_with_the_reason(string part, string value, string problem) =>
        Assert.Equal(problem, PublishedValue.ReadState("consumer-1", With(s_state, part, value)).Problem);

    [Theory]
    [InlineData("pauses", "[null]", "it has a null in a list")]
    [InlineData("durationMs", "1e999", "it has a number that is out of range")]
    [InlineData("gained", "[-1]", "it has a number that is out of range")]
    [InlineData("gained", "[1,null]", "it is not as expected at $.gained[1]")]
    public void A_rebalance_with_one_wrong_part_is_refused_with_the_reason(string part, string value, string problem) =>
        Assert.Equal(problem, PublishedValue.ReadRebalance(With(s_rebalance, part, value)).Problem);

    /// <summary>The reason is logged and shown, and what stands there may have been written to be just that.</summary>
    [Fact]
    public void A_reason_does_not_repeat_a_name_without_end()
    {
        var value = Encoding.UTF8.GetBytes($"{{\"{new string('x', 100_000)}\":{{\"a\":[");

        Assert.InRange(PublishedValue.ReadState("consumer-1", value).Problem!.Length, 1, 200);
        Assert.InRange(PublishedValue.ReadRebalance(value).Problem!.Length, 1, 200);
    }

    [Fact]
    public void Every_part_of_a_state_may_be_null_gone_or_of_another_kind_and_nothing_throws()
    {
        foreach (var (json, path) in Damaged(s_state))
        {
            var (state, problem) = PublishedValue.ReadState("consumer-1", json);
            Assert.True(state is null == problem is not null, path);
            if (state is not null)
            {
                // What is taken can be shown.
                Assert.NotEmpty(JsonSerializer.Serialize(state, JsonSerializerOptions.Web));
                Assert.NotNull(state.Stores);
                Assert.All(state.Workers, worker => Assert.NotNull(worker.Partitions));
                Assert.NotNull(state.ProcessedByPartition);
            }
        }
    }

    [Fact]
    public void Every_part_of_a_rebalance_may_be_null_gone_or_of_another_kind_and_nothing_throws()
    {
        foreach (var (json, path) in Damaged(s_rebalance))
        {
            var (rebalance, problem) = PublishedValue.ReadRebalance(json);
            Assert.True(rebalance is null == problem is not null, path);
            if (rebalance is not null)
            {
                Assert.NotEmpty(JsonSerializer.Serialize(rebalance, JsonSerializerOptions.Web));
                Assert.NotNull(rebalance.Kept);
                Assert.NotNull(rebalance.Pauses);
            }
        }
    }

    private static byte[] With(string json, string part, string value)
    {
        var changed = JsonNode.Parse(json)!.AsObject();
        changed.Remove(part);
        return Encoding.UTF8.GetBytes($"{changed.ToJsonString()[..^1]},\"{part}\":{value}}}");
    }

    /// <summary>Each place of the value in turn: left out, null, and of each other kind.</summary>
    private static IEnumerable<(byte[] Json, string Path)> Damaged(string json)
    {
        string?[] values = [null, "null", "true", "-1", "1e308", "\"x\"", "[]", "[null]", "{}", """{"x":null}"""];
        var places = Places(JsonNode.Parse(json)!).Count();
        for (var i = 0; i < places; i++)
        {
            foreach (var value in values)
            {
                var root = JsonNode.Parse(json)!;
                var place = Places(root).ElementAt(i);
                var path = place.GetPath();
                switch (place.Parent)
                {
                    case JsonObject parent when value is null:
                        parent.Remove(place.GetPropertyName());
                        break;
                    case JsonArray parent when value is null:
                        parent.RemoveAt(place.GetElementIndex());
                        break;
                    default:
                        place.ReplaceWith(JsonNode.Parse(value ?? "null"));
                        break;
                }

                yield return (Encoding.UTF8.GetBytes(root.ToJsonString()), $"{path} = {value}");
            }
        }
    }

    private static IEnumerable<JsonNode> Places(JsonNode node) => node switch
    {
        JsonObject parts => parts.Select(part => part.Value).OfType<JsonNode>().SelectMany(part => Places(part).Prepend(part)),
        JsonArray items => items.OfType<JsonNode>().SelectMany(item => Places(item).Prepend(item)),
        _ => [],
    };
}
