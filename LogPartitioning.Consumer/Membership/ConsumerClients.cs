using Confluent.Kafka;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Consumer.Membership;

/// <summary>The Kafka clients of an instance.</summary>
internal sealed class ConsumerClients(KafkaClients clients, IOptions<KafkaOptions> kafka, ConsumerOptions options)
{
    /// <summary>A quarter of the client's own default: it took 30 MB off an instance, and nothing off what it reads in a second.</summary>
    private const int PartitionFetchBytes = 256 * 1024;

    private const int FetchQueueBackoffMilliseconds = 20;

    /// <summary>A member of the group, not yet subscribed.</summary>
    public IConsumer<byte[]?, byte[]?> BuildMember(string name, RebalanceHandler handler)
    {
        var config = clients.Configure<ConsumerConfig>(WorkerClientId.FromName(name), config =>
        {
            config.GroupId = kafka.Value.Group;
            config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
            config.SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds;
            config.HeartbeatIntervalMs = (int)options.HeartbeatInterval.TotalMilliseconds;
            config.MaxPollIntervalMs = (int)options.MaxPollInterval.TotalMilliseconds;
            // Positions come from the database and are committed after it.
            config.EnableAutoCommit = false;
            config.EnableAutoOffsetStore = false;
            config.AutoOffsetReset = AutoOffsetReset.Earliest;
            config.AllowAutoCreateTopics = false;
            // What a transaction has aborted was never written, and what it has not committed is not written yet.
            config.IsolationLevel = IsolationLevel.ReadCommitted;
            // The end may lie beyond the last record, behind the marker that ends a transaction.
            config.EnablePartitionEof = true;
            // How soon the group has partitions that were added; and how soon a worker asks others than a broker that is cut off from the rest
            // and goes on as the leader that it was: such a broker has nothing new and refuses nothing.
            config.TopicMetadataRefreshIntervalMs ??= 10_000;
            // What the client reads ahead by itself is memory too, and so is what a broker sends of each partition at once: four times as much
            // when it is unpacked. A larger record is sent all the same.
            config.QueuedMaxMessagesKbytes = options.FetchAheadKilobytes;
            config.MaxPartitionFetchBytes = PartitionFetchBytes;
            // As it comes, the client waits for a second before it looks whether its queue has room again, and the queue is empty long before.
            config.FetchQueueBackoffMs = FetchQueueBackoffMilliseconds;
            config.QueuedMinMessages = 10_000;
            config.FetchWaitMaxMs = 100;
            // Handing over the topic costs a text for each record, and there is one topic. The headers say whose the timestamp is.
            config.ConsumeResultFields = "headers";
        });
        return clients.Consumer(name, config, builder => builder
            .SetPartitionsAssignedHandler((_, partitions) => handler.Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => handler.Revoked(partitions.Select(p => p.Partition.Value)))
            .SetPartitionsLostHandler((_, partitions) => handler.Lost(partitions.Select(p => p.Partition.Value))));
    }

    /// <summary>For reading the topics and the group.</summary>
    public IAdminClient BuildAdmin() => clients.Admin($"{options.Instance}/admin");

    /// <summary>For reading history beside the group.</summary>
    public ClientConfig HistoryConfig() => clients.Configure<ClientConfig>($"{options.Instance}/history");

    /// <summary>For sending what cannot be processed to the dead letter topic.</summary>
    public RenewableProducer<byte[], byte[]> BuildDeadLetterProducer() =>
        clients.Producer<byte[], byte[]>($"{options.Instance}/dead-letters", Configure);

    /// <summary>Sets the producer of dead letters.</summary>
    internal static void Configure(ProducerConfig config)
    {
        config.Partitioner = Partitioner.Murmur2Random;
        // Base64 costs a third; deflate's entropy coding takes it off again, so that what the brokers took before they
        // take as a dead letter too. The client's own limit is on the size before compression.
        config.CompressionType = CompressionType.Gzip;
        config.MessageMaxBytes = 8 * 1024 * 1024;
        config.MessageTimeoutMs = 15_000;
        config.LingerMs = 5;
    }
}
