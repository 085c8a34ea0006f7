using Confluent.Kafka;
using LogPartitioning.Consumer.Buffering;
using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Workers;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Consumer;
using LogPartitioning.Tests.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.DeadLetters;

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
        var built = 0;
        using var producers = new DeadLetterProducer(
            onFatal =>
            {
                built++;
                return Build(cluster, onFatal);
            },
            farewell: TimeSpan.FromSeconds(5));
        var sink = new DeadLetterSink(
            producers, Options.Create(Kafka), BrokerCapabilities.From(Kafka), bench.Metrics, TimeProvider.System, NullLogger<DeadLetterSink>.Instance);
        var record = Letter();

        await sink.SendAsync([record], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.True(record.LetterAcknowledged);
        Assert.Equal(2, built);
    }

    private static IProducer<byte[], byte[]> Build(MockCluster cluster, Action onFatal)
    {
        var config = new ProducerConfig { BootstrapServers = cluster.BootstrapServers };
        ConsumerClients.Configure(config, BrokerCapabilities.From(Kafka));
        Assert.True(config.EnableIdempotence);
        return new ProducerBuilder<byte[], byte[]>(config)
            .SetLogHandler((_, _) => { })
            .SetErrorHandler((_, error) =>
            {
                if (error.IsFatal)
                {
                    onFatal();
                }
            })
            .Build();
    }

    private static BufferedRecord Letter() => BufferedRecord.Of(
        new DeadLetter(Kafka.Topic, 0, 7, DeadLetterReason.EmptyValue, null, DateTimeOffset.UtcNow, null, []), TimeProvider.System.GetTimestamp());
}
