using System.Text;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Core.Kafka;

/// <summary>The client as the services set it up, against brokers that speak the modern protocol.</summary>
public sealed class KafkaClientTests : IDisposable
{
    private const string Topic = "log-events";
    private const int Partitions = 12;

    private static readonly BrokerCapabilities Modern = BrokerCapabilities.From(new KafkaOptions());
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MockCluster _cluster = new(brokers: 3);

    public KafkaClientTests() => _cluster.CreateTopic(Topic, Partitions, replicas: 3);

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_client_and_the_partitioner_agree_on_every_key()
    {
        using var producer = Producer();
        var keys = Enumerable.Range(0, 5_000).Select(i => $"source-{i}")
            .Concat(["é", "😀", new string('x', 1_000), "a b", "checkout-7-1"])
            .ToList();
        var reports = SendAll(producer, keys.Select(key => new Message<string, byte[]> { Key = key, Value = [] }));
        Assert.Equal(keys.Count, reports.Count);
        Assert.All(reports, report =>
        {
            Assert.Equal(ErrorCode.NoError, report.Error.Code);
            Assert.Equal(KeyPartitioner.PartitionOf(report.Key, Partitions), report.Partition.Value);
        });
    }

    [Fact]
    public void An_idempotent_producer_keeps_each_record_once_and_in_order_over_failing_requests()
    {
        using var producer = Producer();
        _cluster.FailProduceRequests(
            ErrorCode.NotEnoughReplicas, ErrorCode.RequestTimedOut, ErrorCode.NotEnoughReplicasAfterAppend, ErrorCode.LeaderNotAvailable);
        var reports = SendAll(producer, Enumerable.Range(0, 2_000).Select(i => new Message<string, byte[]>
        {
            Key = "one-key",
            Value = Encoding.UTF8.GetBytes($"{i}"),
        }));
        Assert.All(reports, report => Assert.Equal(PersistenceStatus.Persisted, report.Status));
        var inOrder = reports.OrderBy(report => report.Offset.Value).Select(report => Encoding.UTF8.GetString(report.Value));
        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => $"{i}"), inOrder);
        Assert.Equal(2_000, reports.Select(report => report.Offset.Value).Distinct().Count());
    }

    private static List<DeliveryReport<string, byte[]>> SendAll(
        IProducer<string, byte[]> producer, IEnumerable<Message<string, byte[]>> messages)
    {
        var reports = new List<DeliveryReport<string, byte[]>>();
        foreach (var message in messages)
        {
            producer.Produce(Topic, message, report =>
            {
                lock (reports)
                {
                    reports.Add(report);
                }
            });
        }

        Assert.Equal(0, producer.Flush(Patience));
        lock (reports)
        {
            return [.. reports];
        }
    }

    private IProducer<string, byte[]> Producer()
    {
        var config = new ProducerConfig
        {
            BootstrapServers = _cluster.BootstrapServers,
            Partitioner = Partitioner.Murmur2Random,
            CompressionType = CompressionType.Lz4,
            LingerMs = 5,
            MessageTimeoutMs = (int)Patience.TotalMilliseconds,
            RetryBackoffMs = 10,
        };
        Modern.Apply(config);
        Assert.True(config.EnableIdempotence);
        return new ProducerBuilder<string, byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }
}
