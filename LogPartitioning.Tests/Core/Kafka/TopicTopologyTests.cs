using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Tests.Core.Kafka;

public sealed class TopicTopologyTests
{
    private static readonly Error None = new(ErrorCode.NoError);

    [Fact]
    public void A_topic_with_the_right_numbers_passes() => TopicTopology.Compare(Topic(12, 3), new KafkaOptions());

    [Theory]
    [InlineData(6, 3, "partitions", 12, 6)]
    [InlineData(13, 3, "partitions", 12, 13)]
    [InlineData(12, 1, "replicas", 3, 1)]
    [InlineData(12, 4, "replicas", 3, 4)]
    public void A_wrong_number_is_named_with_what_was_expected_and_found(
        int partitions, int replicas, string number, int expected, int found)
    {
        var wrong = Assert.Throws<TopologyException>(() => TopicTopology.Compare(Topic(partitions, replicas), new KafkaOptions()));
        Assert.Equal(("log-events", number, expected, found), (wrong.Topic, wrong.Number, wrong.Expected, wrong.Found));
        Assert.Contains($"\"log-events\" has {number} {found}, but Kafka:", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_replica_that_old_brokers_leave_out_while_its_broker_is_down_is_not_missing() =>
        TopicTopology.Compare(Topic(12, 2, new Error(ErrorCode.ReplicaNotAvailable)), new KafkaOptions());

    private static TopicMetadata Topic(int partitions, int replicas, Error? error = null)
    {
        var brokers = Enumerable.Range(1, replicas).ToArray();
        return new TopicMetadata(
            "log-events",
            [.. Enumerable.Range(0, partitions).Select(partition => new PartitionMetadata(partition, 1, brokers, brokers, error ?? None))],
            None);
    }
}
