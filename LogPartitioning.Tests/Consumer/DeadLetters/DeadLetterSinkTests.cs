using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.Consumer.DeadLetters;

public sealed class DeadLetterSinkTests
{
    private static readonly KafkaOptions Kafka = new();

    [Fact]
    public async Task A_dead_letter_is_acknowledged_after_an_error_that_is_fatal_to_the_producer()
    {
        using var cluster = new MockCluster(brokers: 3);
        cluster.CreateTopic(Kafka.DeadLetterTopic, Kafka.Partitions, replicas: 3);
        // No permission for idempotent writes; when the producer asks again, it is there.
        cluster.FailProducerId(ErrorCode.ClusterAuthorizationFailed);
        using var bench = new Bench();
        using var producers = Producers(cluster);
        var first = producers.Current;
        var slice = await SliceAsync(bench);
        using var batch = new Activity("batch").Start();

        await Sink(producers, bench).SendAsync([slice], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.True(slice.Records[0].LetterAcknowledged);
        var told = Assert.Single(batch.Events);
        Assert.Equal(("dead letter", slice.Records[0].Letter!.Reason), (told.Name, told.Tags.Single(tag => tag.Key == "reason").Value));
        Assert.NotSame(first, producers.Current);
    }

    [Fact]
    public async Task A_dead_letter_of_a_partition_that_was_lost_does_not_hold_up_the_others()
    {
        using var cluster = new MockCluster(brokers: 3);
        cluster.CreateTopic(Kafka.DeadLetterTopic, Kafka.Partitions, replicas: 3);
        cluster.FailProduceRequests([.. Enumerable.Repeat(ErrorCode.TopicAuthorizationFailed, 1000)]);
        using var bench = new Bench();
        using var producers = Producers(cluster);
        var warned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new LogListener<DeadLetterSink>((level, _) =>
        {
            if (level == LogLevel.Warning)
            {
                warned.TrySetResult();
            }
        });
        var slice = await SliceAsync(bench);
        var sending = Sink(producers, bench, log).SendAsync([slice], CancellationToken.None);

        await warned.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(sending.IsCompleted);
        Assert.True(slice.Partition.Lose());

        await sending.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(slice.Records[0].LetterAcknowledged);
    }

    private static DeadLetterSink Sink(RenewableProducer<byte[], byte[]> producers, Bench bench, ILogger<DeadLetterSink>? log = null) => new(
        producers, Options.Create(Kafka), BrokerCapabilities.From(Kafka), bench.Metrics, TimeProvider.System, log ?? NullLogger<DeadLetterSink>.Instance);

    private static RenewableProducer<byte[], byte[]> Producers(MockCluster cluster)
    {
        var config = new ProducerConfig { BootstrapServers = cluster.BootstrapServers };
        BrokerCapabilities.From(Kafka).Apply(config);
        ConsumerClients.Configure(config);
        Assert.True(config.EnableIdempotence);
        return new(config, _ => { });
    }

    private static async Task<BatchSlice> SliceAsync(Bench bench)
    {
        var partition = await bench.OwnAsync(0);
        return new(partition, partition.Epoch,
        [
            BufferedRecord.Of(
                new DeadLetter(Kafka.Topic, 0, 7, DeadLetterReason.EmptyValue, null, DateTimeOffset.UtcNow, null, []), TimeProvider.System.GetTimestamp()),
        ]);
    }
}
