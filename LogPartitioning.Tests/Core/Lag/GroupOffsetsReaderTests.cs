using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class GroupOffsetsReaderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static TopicMetadata Topic(params (int Partition, int[] Replicas, int[] InSync)[] partitions) =>
        new(
            "log-events",
            [.. partitions.Select(partition => new PartitionMetadata(partition.Partition, 1, partition.Replicas, partition.InSync, ErrorCode.NoError))],
            ErrorCode.NoError);

    [Fact]
    public void Every_partition_of_the_topic_is_there_in_order_with_what_is_known_of_it()
    {
        var offsets = GroupOffsetsReader.Combine(
            Readings.Start,
            Topic((1, [1, 2, 3], [1, 4]), (0, [1, 2, 3], [1, 2, 3])),
            brokers: new HashSet<int> { 1, 2, 3 },
            committed: new() { [1] = 5 },
            bounds: new Dictionary<int, PartitionEnds> { [0] = new(2, 20, null), [1] = new(3, 30, null) },
            "Stable",
            [new("consumer-1/0", [1])]);

        Assert.Equal(
            [new(0, 2, 20, null, null, 3, 3), new PartitionOffsets(1, 3, 30, 5, "consumer-1/0", 3, 1)],
            offsets.Partitions);
        Assert.Equal([18L, 25L], offsets.Partitions.Select(partition => partition.Lag));
    }

    /// <summary>Modern brokers say so for the request as a whole; what old ones do takes old ones to show.</summary>
    [Fact]
    public async Task When_another_broker_becomes_the_coordinator_the_offsets_can_be_read_again()
    {
        using var cluster = new MockCluster(brokers: 3);
        cluster.CreateTopic("log-events", partitions: 2, replicas: 3);
        cluster.SetCoordinator("log-processors", 1);
        using var reader = new GroupOffsetsReader(
            new ClientConfig { BootstrapServers = cluster.BootstrapServers }, "log-processors", "log-events", TimeSpan.FromSeconds(2), TimeProvider.System, _ => { },
            BrokerCapabilities.From(new KafkaOptions { BrokerVersion = "0.9.0.1" }));
        await Readings.SeesAsync(reader, partitions: 2, Patience);

        // More often than the client asks while the test waits: asking the old one again does not help.
        cluster.RefuseOffsetFetches(broker: 1, times: 1000);
        cluster.SetCoordinator("log-processors", 2);

        await Readings.SeesAsync(reader, partitions: 2, Patience);
    }
}
