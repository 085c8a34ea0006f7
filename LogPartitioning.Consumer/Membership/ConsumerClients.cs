using Confluent.Kafka;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Consumer.Membership;

/// <summary>
/// Builds the Kafka clients of an instance. What a cluster of the user's own needs beyond its address (TLS, SASL …) is
/// taken from the section <c>Aspire:Confluent:Kafka:Consumer:Config</c>, for all of them.
/// </summary>
internal sealed class ConsumerClients(
    IConfiguration configuration,
    IOptions<KafkaOptions> kafka,
    BrokerCapabilities capabilities,
    ConsumerOptions options,
    StoreStates stores,
    ILoggerFactory loggers)
{
    private const string ConfigSection = "Aspire:Confluent:Kafka:Consumer:Config";

    /// <summary>A member of the group, not yet subscribed.</summary>
    public IConsumer<byte[]?, byte[]?> Build(string clientId, RebalanceHandler handler)
    {
        var config = new ConsumerConfig();
        Fill(config, WorkerClientId.FromName(clientId));
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
        // What the client reads ahead by itself is memory too.
        config.QueuedMaxMessagesKbytes = options.FetchAheadKilobytes;
        config.QueuedMinMessages = 10_000;
        config.FetchWaitMaxMs = 100;
        // Handing over headers costs an object for each of them, and they serve the traces alone.
        config.ConsumeResultFields = ConsumerTraces.AreRecorded ? "headers,topic" : "topic";
        var log = loggers.CreateLogger("LogPartitioning.Consumer.Client");
        return new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetPartitionsAssignedHandler((_, partitions) => handler.Assigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => handler.Revoked(partitions.Select(p => p.Partition.Value)))
            .SetPartitionsLostHandler((_, partitions) => handler.Lost(partitions.Select(p => p.Partition.Value)))
            .SetErrorHandler((_, error) => Note(log, clientId, error))
            .SetLogHandler((_, message) => Note(log, clientId, message))
            .Build();
    }

    /// <summary>For reading the topics and the group.</summary>
    public IAdminClient BuildAdmin()
    {
        var config = new AdminClientConfig();
        Fill(config, $"{options.Instance}/admin");
        var log = loggers.CreateLogger("LogPartitioning.Consumer.Client");
        return new AdminClientBuilder(config)
            .SetErrorHandler((_, error) => Note(log, $"{options.Instance}/admin", error))
            .SetLogHandler((_, message) => Note(log, $"{options.Instance}/admin", message))
            .Build();
    }

    /// <summary>For reading history beside the group.</summary>
    public ClientConfig HistoryConfig()
    {
        var config = new ClientConfig();
        Fill(config, $"{options.Instance}/history");
        return config;
    }

    /// <summary>For reading how far the group has come.</summary>
    public GroupOffsetsReader BuildOffsetsReader(TimeSpan timeout, TimeProvider time)
    {
        var config = new ClientConfig();
        Fill(config, $"{options.Instance}/offsets");
        var log = loggers.CreateLogger("LogPartitioning.Consumer.Client");
        return new(
            config, kafka.Value.Group, kafka.Value.Topic, timeout, time,
            message => Note(log, $"{options.Instance}/offsets", message));
    }

    /// <summary>For sending what cannot be processed to the dead letter topic.</summary>
    public RenewableProducer<byte[], byte[]> BuildDeadLetterProducer()
    {
        var config = new ProducerConfig();
        Fill(config, $"{options.Instance}/dead-letters");
        Configure(config, capabilities);
        var log = loggers.CreateLogger("LogPartitioning.Consumer.Client");
        return new(
            config,
            message => Note(log, config.ClientId, message),
            error => Note(log, config.ClientId, error));
    }

    /// <summary>Sets the producer of dead letters.</summary>
    internal static void Configure(ProducerConfig config, BrokerCapabilities capabilities)
    {
        config.Partitioner = Partitioner.Murmur2Random;
        // Base64 costs a third; deflate's entropy coding takes it off again, so that what the brokers took before they
        // take as a dead letter too. The client's own limit is on the size before compression.
        config.CompressionType = CompressionType.Gzip;
        config.MessageMaxBytes = 8 * 1024 * 1024;
        config.MessageTimeoutMs = 15_000;
        config.LingerMs = 5;
        capabilities.Apply(config);
    }

    private void Fill(ClientConfig config, string clientId)
    {
        configuration.GetSection(ConfigSection).Bind(config);
        config.BootstrapServers = configuration.GetConnectionString("kafka");
        config.ClientId = clientId;
        config.SocketKeepaliveEnable = true;
        config.ReconnectBackoffMaxMs = 2_000;
        capabilities.Apply(config);
    }

    private static void Note(ILogger log, string clientId, LogMessage message)
    {
        if (!BrokerCapabilities.IsWarningOfOldBrokers(message))
        {
            log.ClientMessage(clientId, message.Facility, message.Message);
        }
    }

    private void Note(ILogger log, string clientId, Error error)
    {
        log.ClientError(clientId, error.Reason);
        if (error.Code is ErrorCode.Local_AllBrokersDown)
        {
            stores.Fails(StoreStates.Kafka, error.Reason);
        }
    }
}
