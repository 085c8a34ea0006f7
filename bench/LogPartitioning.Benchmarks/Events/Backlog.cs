using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Benchmarks.Events;

/// <summary>Topics as the system makes them, filled with events, and how many records they have.</summary>
internal static class Backlog
{
    private const int Partitions = 12;
    private const int Told = 250_000;

    /// <summary>Makes a topic and its topic of dead letters, and fills it with events of the last half hour; for Kafka Connect each value carries its schema.</summary>
    public static async Task FillAsync(string servers, string topic, string events, bool schema = false)
    {
        var count = int.Parse(events, CultureInfo.InvariantCulture);
        await CreateAsync(servers, topic);
        using var producer = NewProducer(servers);
        var random = new Random(1);
        var start = DateTimeOffset.UtcNow.AddMinutes(-30);
        var failure = (Error?)null;
        for (var i = 0; i < count; i++)
        {
            var at = start.AddMicroseconds(Math.Floor(TimeSpan.FromMinutes(30).TotalMicroseconds * i / count));
            var logEvent = BenchEvents.Next(random, i, at);
            var message = new Message<string, byte[]> { Key = logEvent.Source, Value = schema ? ConnectValue.Serialize(logEvent) : LogEventJson.Serialize(logEvent) };
            while (true)
            {
                try
                {
                    producer.Produce(topic, message, report => failure = report.Error.IsError ? report.Error : failure);
                    break;
                }
                catch (ProduceException<string, byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
                {
                    producer.Poll(TimeSpan.FromMilliseconds(50));
                }
            }

            if ((i + 1) % Told == 0)
            {
                Console.Error.WriteLine($"  {i + 1:N0} events in the topic");
            }
        }

        while (producer.Flush(TimeSpan.FromSeconds(1)) > 0 && failure is null)
        {
        }

        if (failure is not null)
        {
            throw new KafkaException(failure);
        }
    }

    /// <summary>Makes a topic as the system does, and its topic of dead letters.</summary>
    public static async Task CreateAsync(string servers, string topic)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([.. new[] { topic, $"{topic}.dlq" }.Select(name => new TopicSpecification
        {
            Name = name,
            NumPartitions = Partitions,
            ReplicationFactor = 3,
            Configs = new() { ["min.insync.replicas"] = "2" },
        })]);
    }

    /// <summary>A producer with the durability of the system's own.</summary>
    public static IProducer<string, byte[]> NewProducer(string servers, double lingerMs = 20) => new ProducerBuilder<string, byte[]>(new ProducerConfig
    {
        BootstrapServers = servers,
        Partitioner = Partitioner.Murmur2Random,
        Acks = Acks.All,
        EnableIdempotence = true,
        CompressionType = CompressionType.Lz4,
        LingerMs = lingerMs,
        QueueBufferingMaxMessages = 200_000,
    }).SetLogHandler((_, _) => { }).Build();

    /// <summary>How many records a topic has had, over its partitions.</summary>
    public static long Count(string servers, string topic)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = servers, GroupId = "bench-count" }).SetLogHandler((_, _) => { }).Build();
        return Enumerable.Range(0, Partitions).Sum(partition => consumer.QueryWatermarkOffsets(new(topic, partition), TimeSpan.FromSeconds(30)).High.Value);
    }
}
