using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Benchmarks.Drain;

/// <summary>A backlog: a topic as the system makes it, filled with events of the last half hour.</summary>
internal static class DrainEvents
{
    private const int Sources = 96;
    private const int Told = 250_000;

    public static async Task FillAsync(string servers, string topic, string events)
    {
        var count = int.Parse(events, CultureInfo.InvariantCulture);
        using (var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build())
        {
            await admin.CreateTopicsAsync([.. new[] { topic, $"{topic}.dlq" }.Select(name => new TopicSpecification
            {
                Name = name,
                NumPartitions = 12,
                ReplicationFactor = 3,
                Configs = new() { ["min.insync.replicas"] = "2" },
            })]);
        }

        var settings = new ProducerConfig
        {
            BootstrapServers = servers,
            Partitioner = Partitioner.Murmur2Random,
            Acks = Acks.All,
            EnableIdempotence = true,
            CompressionType = CompressionType.Lz4,
            LingerMs = 20,
            QueueBufferingMaxMessages = 200_000,
        };
        using var producer = new ProducerBuilder<string, byte[]>(settings).Build();
        var random = new Random(1);
        var start = DateTimeOffset.UtcNow.AddMinutes(-30);
        var failure = (Error?)null;
        for (var i = 0; i < count; i++)
        {
            var source = $"service-{random.Next(Sources)}";
            var level = random.Next(20) switch { < 17 => Severity.Information, < 19 => Severity.Warning, _ => Severity.Error };
            var at = start.AddTicks((long)(TimeSpan.FromMinutes(30).Ticks / TimeSpan.TicksPerMicrosecond * ((double)i / count)) * TimeSpan.TicksPerMicrosecond);
            // Of ids that name no day, so that a pipe has no day to find out.
            var value = LogEventJson.Serialize(new(Guid.NewGuid(), source, level, $"order {i} handled in {random.Next(900)} ms", at, $$"""{"orderId":"{{i}}"}"""));
            while (true)
            {
                try
                {
                    producer.Produce(topic, new() { Key = source, Value = value }, report => failure = report.Error.IsError ? report.Error : failure);
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
}
