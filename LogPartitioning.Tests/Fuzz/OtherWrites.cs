using Confluent.Kafka;
using LogPartitioning.Tests.Application;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>Writes that have nothing to do with the producer: by a client of its own, to a topic of its own, acknowledged by all replicas.</summary>
internal sealed class OtherWrites : IDisposable
{
    private const string Topic = "fuzz-other-writes";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IProducer<Null, string> _client;
    private readonly Dictionary<int, int> _partitions;

    private OtherWrites(IProducer<Null, string> client, Dictionary<int, int> partitions) => (_client, _partitions) = (client, partitions);

    /// <summary>Makes the topic, and finds a partition of it for each broker to lead.</summary>
    public static async Task<OtherWrites> StartAsync(RunningApplication application)
    {
        var client = new ProducerBuilder<Null, string>(KafkaAccess.Configure(application, new ProducerConfig { Acks = Acks.All })).Build();
        using var admin = new DependentAdminClientBuilder(client.Handle).Build();
        // The brokers make a topic that is asked for.
        var partitions = await Eventually.SeesAsync(
            "a partition for each broker",
            _ => Task.FromResult(admin.GetMetadata(Topic, Patience).Topics[0].Partitions.Where(p => p.Leader > 0).DistinctBy(p => p.Leader).ToDictionary(p => p.Leader, p => p.PartitionId)),
            leaders => leaders.Count == application.Brokers.Count,
            Patience);
        return new(client, partitions);
    }

    /// <summary>Writes to the partition that a broker led at the start.</summary>
    public Task WriteAsync(int broker, CancellationToken cancellationToken) =>
        _client.ProduceAsync(new TopicPartition(Topic, _partitions[broker]), new() { Value = "" }, cancellationToken);

    public void Dispose() => _client.Dispose();
}
