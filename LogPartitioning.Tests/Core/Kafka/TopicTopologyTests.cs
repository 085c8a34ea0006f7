using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Tests.Core.Kafka;

public sealed class TopicTopologyTests
{
    private static readonly Error None = new(ErrorCode.NoError);

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void A_topic_with_the_right_numbers_passes_and_more_replicas_while_partitions_move(int replicas) =>
        Assert.Empty(TopicTopology.Compare(Topic(12, replicas), new KafkaOptions()));

    [Theory]
    [InlineData(6, 3, "partitions 6, but Kafka:Partitions says 12. Change the setting, or the topic with the brokers' own tools, and start again.")]
    [InlineData(13, 3, "partitions 13, but Kafka:Partitions says 12. Partitions cannot be taken away: set Kafka:Partitions to 13 for all services, and start again. "
        + "Most keys move to another partition then, and their order holds only if what was written before is stored.")]
    [InlineData(12, 1, "replicas 1, but Kafka:ReplicationFactor says 3. Change the setting, or the topic with the brokers' own tools, and start again.")]
    public void A_wrong_number_is_named_with_what_was_expected_and_found(int partitions, int replicas, string said)
    {
        var wrong = new TopologyException([.. TopicTopology.Compare(Topic(partitions, replicas), new KafkaOptions())]);
        Assert.Equal($"Topic \"log-events\" has {said}", wrong.Message);
    }

    [Fact]
    public void A_replica_that_old_brokers_leave_out_while_its_broker_is_down_is_not_missing() =>
        Assert.Empty(TopicTopology.Compare(Topic(12, 2, new Error(ErrorCode.ReplicaNotAvailable)), new KafkaOptions()));

    private static TopicMetadata Topic(int partitions, int replicas, Error? error = null)
    {
        var brokers = Enumerable.Range(1, replicas).ToArray();
        return new TopicMetadata(
            "log-events",
            [.. Enumerable.Range(0, partitions).Select(partition => new PartitionMetadata(partition, 1, brokers, brokers, error ?? None))],
            None);
    }
}
