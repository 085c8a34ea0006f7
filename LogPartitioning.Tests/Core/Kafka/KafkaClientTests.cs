using System.Text;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Tests.Kafka;

/// <summary>The client as the services set it up, against brokers that speak the modern protocol.</summary>
public sealed class MockClusterTests : IDisposable
{
    private const string Topic = "log-events";
    private const int Partitions = 12;

    private static readonly BrokerCapabilities Modern = BrokerCapabilities.From(new KafkaOptions());
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly MockCluster _cluster = new(brokers: 3);

    public MockClusterTests() => _cluster.CreateTopic(Topic, Partitions, replicas: 3);

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

    [Fact]
    public void Headers_key_and_value_arrive_at_a_cooperative_consumer()
    {
        using var producer = Producer();
        var sent = Enumerable.Range(0, 100).Select(i => new Message<string, byte[]>
        {
            Key = $"source-{i % 7}",
            Value = Encoding.UTF8.GetBytes($"event {i}"),
            Headers = new Headers { { "content-type", "application/json"u8.ToArray() }, { "traceparent", "00-a-b-01"u8.ToArray() } },
        }).ToList();
        SendAll(producer, sent);

        using var consumer = Consumer();
        consumer.Subscribe(Topic);
        var received = ReadUntil(consumer, sent.Count);
        Assert.Equal(
            sent.Select(message => Encoding.UTF8.GetString(message.Value)).Order(),
            received.Select(result => Encoding.UTF8.GetString(result.Message.Value)).Order());
        Assert.All(received, result =>
        {
            Assert.Equal(KeyPartitioner.PartitionOf(result.Message.Key, Partitions), result.Partition.Value);
            Assert.Equal("application/json"u8.ToArray(), result.Message.Headers.GetLastBytes("content-type"));
            Assert.Equal("00-a-b-01"u8.ToArray(), result.Message.Headers.GetLastBytes("traceparent"));
        });

        consumer.Commit(received.GroupBy(result => result.TopicPartition)
            .Select(partition => new TopicPartitionOffset(partition.Key, partition.Max(result => result.Offset.Value) + 1)));
        consumer.Close();
    }

    [Fact]
    public void Records_wait_for_a_broker_that_is_down_and_go_when_it_is_back()
    {
        using var producer = Producer();
        foreach (var broker in (int[])[1, 2, 3])
        {
            _cluster.SetBrokerDown(broker);
        }

        using var reported = new CountdownEvent(1);
        DeliveryReport<string, byte[]>? report = null;
        producer.Produce(Topic, new Message<string, byte[]> { Key = "a", Value = [] }, delivered =>
        {
            report = delivered;
            reported.Signal();
        });
        foreach (var broker in (int[])[1, 2, 3])
        {
            Assert.Null(report);
            _cluster.SetBrokerUp(broker);
        }

        Assert.True(reported.Wait(Patience), $"No report within {Patience}.");
        Assert.Equal(ErrorCode.NoError, report!.Error.Code);
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

    private static List<ConsumeResult<string, byte[]>> ReadUntil(IConsumer<string, byte[]> consumer, int count)
    {
        var received = new List<ConsumeResult<string, byte[]>>();
        using var deadline = new CancellationTokenSource(Patience);
        while (received.Count < count)
        {
            Assert.False(deadline.IsCancellationRequested, $"{received.Count} of {count} records within {Patience}.");
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is { } result)
            {
                received.Add(result);
            }
        }

        return received;
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

    private IConsumer<string, byte[]> Consumer()
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = _cluster.BootstrapServers,
            GroupId = "log-processors",
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        };
        Modern.Apply(config);
        return new ConsumerBuilder<string, byte[]>(config).SetLogHandler((_, _) => { }).Build();
    }
}
