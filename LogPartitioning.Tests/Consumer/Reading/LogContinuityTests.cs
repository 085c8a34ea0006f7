using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPartitioning.Tests.Consumer.Reading;

public sealed class LogContinuityTests : IDisposable
{
    private const int Records = 10;

    private readonly Bench _bench = new();
    private readonly MockCluster _cluster = new(brokers: 1);
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly LogContinuity _continuity;

    public LogContinuityTests()
    {
        _cluster.CreateTopic(Bench.Topic, partitions: 1, replicas: 1);
        var producer = new ProducerConfig { BootstrapServers = _cluster.BootstrapServers };
        using (var client = new ProducerBuilder<Null, string>(producer).Build())
        {
            for (var i = 0; i < Records; i++)
            {
                client.Produce(Bench.Topic, new Message<Null, string> { Value = "record" });
            }

            Assert.Equal(0, client.Flush(TimeSpan.FromSeconds(30)));
        }

        var consumer = new ConsumerConfig { BootstrapServers = _cluster.BootstrapServers, GroupId = "group" };
        BrokerCapabilities.From(new KafkaOptions()).Apply(consumer);
        _consumer = new ConsumerBuilder<byte[]?, byte[]?>(consumer).SetLogHandler((_, _) => { }).Build();
        _continuity = new(Bench.Topic, () => false, _bench.Metrics, NullLogger.Instance);
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _cluster.Dispose();
        _bench.Dispose();
    }

    [Fact]
    public async Task A_client_that_went_back_in_the_same_log_is_set_forward_again()
    {
        var partition = await AtAsync(8);

        Assert.False(_continuity.Accepts(_consumer, partition, offset: 3, out _));
        Assert.Equal(PartitionState.Positioning, partition.State);
    }

    [Fact]
    public async Task A_log_that_ends_before_the_position_halts_the_partition()
    {
        var partition = await AtAsync(Records + 5);

        Assert.False(_continuity.Accepts(_consumer, partition, offset: 3, out _));
        Assert.Equal(PartitionState.Halted, partition.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_question_for_the_bounds_that_is_half_answered_halts_nothing(bool first)
    {
        var partition = await AtAsync(8);
        _cluster.FailOffsetQuestions(first ? [ErrorCode.TopicAuthorizationFailed] : [ErrorCode.NoError, ErrorCode.TopicAuthorizationFailed]);

        Assert.False(_continuity.Accepts(_consumer, partition, offset: 3, out _));
        Assert.Equal(PartitionState.Positioning, partition.State);
    }

    [Fact]
    public async Task Offsets_without_a_record_in_a_log_that_is_held_are_no_gap()
    {
        var partition = await AtAsync(3);

        Assert.True(_continuity.Accepts(_consumer, partition, offset: 6, out var gap));
        Assert.Null(gap);
    }

    private async Task<OwnedPartition> AtAsync(long position)
    {
        var partition = await _bench.OwnAsync(0);
        partition.MoveRead(position);
        return partition;
    }
}
