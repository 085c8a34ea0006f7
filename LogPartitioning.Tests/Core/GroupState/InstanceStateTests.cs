using System.Text.Json;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Tests.Core.GroupState;

public sealed class InstanceStateTests
{
    [Fact]
    public void What_is_published_is_what_is_read()
    {
        var json = JsonSerializer.Serialize(GroupSamples.Instance, GroupStateJson.Default.InstanceState);
        var read = JsonSerializer.Deserialize(json, GroupStateJson.Default.InstanceState)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, GroupStateJson.Default.InstanceState));
        Assert.Equal(GroupSamples.Instance.Workers[0].Partitions, read.Workers[0].Partitions);
        Assert.Equal(GroupSamples.Instance.Partitions, read.Partitions);
        Assert.Equal(GroupSamples.Instance.Stores, read.Stores);
    }

    [Fact]
    public void Instances_come_in_the_order_of_their_numbers() =>
        Assert.Equal(
            ["consumer", "consumer-01", "consumer-1", "consumer-2", "consumer-2/1", "consumer-10", "d"],
            new List<string> { "d", "consumer-10", "consumer-2/1", "consumer-2", "consumer-1", "consumer-01", "consumer" }.Order(NaturalOrder.Instance));
}
