using System.Text.Json;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Tests.GroupState;

public sealed class InstanceStateTests
{
    internal static InstanceState Sample { get; } = new()
    {
        Instance = "consumer-1",
        Group = "log-processors",
        Topic = "log-events",
        Url = new("http://127.0.0.1:5201"),
        StartedAt = DateTimeOffset.UnixEpoch,
        At = DateTimeOffset.UnixEpoch.AddSeconds(1),
        Workers = [new(0, "consumer-1/0", "running", [1, 2], DateTimeOffset.UnixEpoch), new(1, "consumer-1/1", "starting", [], null)],
        Partitions = [new(1, 100, 7, 3, false, null), new(2, 5, 8, 0, true, DateTimeOffset.UnixEpoch)],
        ProcessedByPartition = new Dictionary<int, long> { [1] = 100, [2] = 5 },
        Stores = new Dictionary<string, StoreState> { ["logs"] = new(false, "refused") },
        LastRebalance = GroupStateWithoutRedisTests.Rebalance(3),
    };

    [Fact]
    public void What_is_published_is_what_is_read()
    {
        var json = JsonSerializer.Serialize(Sample, GroupStateJson.Default.InstanceState);
        var read = JsonSerializer.Deserialize(json, GroupStateJson.Default.InstanceState)!;

        Assert.Equal(json, JsonSerializer.Serialize(read, GroupStateJson.Default.InstanceState));
        Assert.Equal(Sample.Workers[0].Partitions, read.Workers[0].Partitions);
        Assert.Equal(Sample.Partitions, read.Partitions);
        Assert.Equal(Sample.Stores, read.Stores);
    }

    [Fact]
    public void Instances_come_in_the_order_of_their_numbers() =>
        Assert.Equal(
            ["consumer", "consumer-01", "consumer-1", "consumer-2", "consumer-2/1", "consumer-10", "d"],
            new List<string> { "d", "consumer-10", "consumer-2/1", "consumer-2", "consumer-1", "consumer-01", "consumer" }.Order(NaturalOrder.Instance));
}
