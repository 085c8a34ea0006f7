using Confluent.Kafka;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Lag;

public sealed class GroupOffsetsReaderTests
{
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
            bounds: new() { [0] = new(2, 20), [1] = new(3, 30) },
            "Stable",
            [new("consumer-1/0", [1])]);

        Assert.Equal(
            [new(0, 2, 20, null, null, 3, 3), new PartitionOffsets(1, 3, 30, 5, "consumer-1/0", 3, 1)],
            offsets.Partitions);
        Assert.Equal([18L, 25L], offsets.Partitions.Select(partition => partition.Lag));
    }
}
