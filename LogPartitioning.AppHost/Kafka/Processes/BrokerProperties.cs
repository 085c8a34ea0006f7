namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The <c>server.properties</c> of a broker.</summary>
internal static class BrokerProperties
{
    /// <summary>Where everything listens.</summary>
    public const string Loopback = "127.0.0.1";

    /// <summary>What every broker is told, whatever its version.</summary>
    public static JavaProperties Common(KafkaProcessSettings settings, ClusterLayout layout, BrokerLayout broker) => new()
    {
        // A list, whose commas cannot be escaped: KafkaDistribution.PathProblem refuses a folder with one.
        { "log.dirs", broker.LogFolder },
        // Topics that the brokers create on first use get the numbers of the application's topics.
        { "auto.create.topics.enable", "true" },
        { "num.partitions", settings.DefaultPartitions },
        { "default.replication.factor", layout.Brokers.Count },
        { "min.insync.replicas", Math.Min(2, layout.Brokers.Count) },
        { "unclean.leader.election.enable", "false" },
        { "delete.topic.enable", "true" },
        { "offsets.topic.replication.factor", layout.Brokers.Count },
        // One group with a few dozen members; the default of 50 would only cost files and time.
        { "offsets.topic.num.partitions", 6 },
        // 64 KiB of message can become 6 times as much in JSON, and attributes come on top.
        { "message.max.bytes", 2_097_152 },
        { "replica.fetch.max.bytes", 4_194_304 },
        { "group.min.session.timeout.ms", 1_000 },
        { "group.max.session.timeout.ms", 300_000 },
        { "num.network.threads", 2 },
        { "num.io.threads", 4 },
        { "num.recovery.threads.per.data.dir", 2 },
        // The default of 128 MiB is half of this broker's heap.
        { "log.cleaner.dedupe.buffer.size", 16_777_216 },
        { "log.retention.hours", 168 },
    };

    /// <summary>What makes a broker a member of a KRaft cluster, and one of its controllers.</summary>
    public static JavaProperties KRaft(KafkaDistribution distribution, ClusterLayout layout, BrokerLayout broker)
    {
        var minInSyncReplicas = Math.Min(2, layout.Brokers.Count);
        JavaProperties properties = new()
        {
            { "process.roles", "broker,controller" },
            { "node.id", broker.Id },
            { "controller.quorum.voters", string.Join(',', layout.Brokers.Select(voter => $"{voter.Id}@{Loopback}:{voter.ControllerPort}")) },
            { "controller.listener.names", "CONTROLLER" },
            { "listeners", $"PLAINTEXT://{Loopback}:{broker.Port},CONTROLLER://{Loopback}:{broker.ControllerPort}" },
            { "advertised.listeners", $"PLAINTEXT://{Loopback}:{broker.Port}" },
            { "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT" },
            { "inter.broker.listener.name", "PLAINTEXT" },
            { "transaction.state.log.replication.factor", layout.Brokers.Count },
            { "transaction.state.log.min.isr", minInSyncReplicas },
            { "transaction.state.log.num.partitions", 6 },
        };
        if (distribution.Version.Major >= 4)
        {
            properties.Add("share.coordinator.state.topic.replication.factor", layout.Brokers.Count);
            properties.Add("share.coordinator.state.topic.min.isr", minInSyncReplicas);
        }

        return properties;
    }
}
