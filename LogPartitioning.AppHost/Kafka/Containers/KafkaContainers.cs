namespace LogPartitioning.AppHost.Kafka.Containers;

/// <summary>Kafka containers joined into one KRaft cluster.</summary>
/// <param name="firstPort">The port of the first broker on this machine, those of the others follow; null: any free ones.</param>
/// <param name="volumePrefix">What the names of the volumes with the data begin with; null: the data go with the containers.</param>
/// <param name="defaultPartitions">How many partitions a topic gets that the brokers create on first use.</param>
internal sealed class KafkaContainers(int? firstPort = null, string? volumePrefix = null, int defaultPartitions = 1) : IKafkaBrokerHost
{
    // Not the image of AddKafka, confluent-local: that one also starts a REST proxy, and exits when either dies.
    private const string Image = "confluentinc/cp-kafka";
    private const string Tag = "8.2.0";

    private const string DataFolder = "/var/lib/kafka/data";
    private const int HostPort = 9092;
    private const int InternalPort = 9093;
    private const int ControllerPort = 29093;

    // Any 16 bytes in base64url do. Fixed, because the volumes of an earlier run carry it.
    private const string ClusterId = "bG9nLXBhcnRpdGlvbmluZw";

    /// <inheritdoc/>
    public void AddBrokers(IResourceBuilder<KafkaClusterResource> cluster, int brokers)
    {
        for (var id = 1; id <= brokers; id++)
        {
            AddBroker(cluster, id, brokers);
        }
    }

    // No broker waits for another one: each is healthy only when a quorum of them has formed.
    private void AddBroker(IResourceBuilder<KafkaClusterResource> cluster, int id, int brokers)
    {
        var name = cluster.Resource.BrokerName(id);
        // Strings first: WithEnvironment takes an interpolated string for a reference expression.
        var nodeId = $"{id}";
        var partitions = $"{defaultPartitions}";
        var listeners = $"PLAINTEXT_HOST://:{HostPort},PLAINTEXT_INTERNAL://:{InternalPort},CONTROLLER://:{ControllerPort}";
        var replicas = $"{Math.Min(3, brokers)}";
        var minInSyncReplicas = $"{Math.Min(2, brokers)}";
        var voters = Enumerable.Range(1, brokers)
            .Select(voter => $"{voter}@{cluster.Resource.BrokerName(voter)}:{ControllerPort}");
        var broker = cluster.ApplicationBuilder.AddKafka(name, firstPort + id - 1)
            .WithImage(Image, Tag)
            .WithParentRelationship(cluster);
        if (volumePrefix is not null)
        {
            broker.WithVolume($"{volumePrefix}{name}", DataFolder);
        }

        var endpoint = broker.Resource.PrimaryEndpoint;
        var hostPort = endpoint.Property(EndpointProperty.Port);
        broker
            .WithEnvironment("CLUSTER_ID", ClusterId)
            .WithEnvironment("KAFKA_NODE_ID", nodeId)
            .WithEnvironment("KAFKA_PROCESS_ROLES", "broker,controller")
            .WithEnvironment("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
            .WithEnvironment("KAFKA_CONTROLLER_QUORUM_VOTERS", string.Join(',', voters))
            .WithEnvironment("KAFKA_LISTENERS", listeners)
            .WithEnvironment("KAFKA_ADVERTISED_LISTENERS", ReferenceExpression.Create(
                $"PLAINTEXT_HOST://localhost:{hostPort},PLAINTEXT_INTERNAL://{name}:9093,CONTROLLER://{name}:29093"))
            .WithEnvironment("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT")
            .WithEnvironment("KAFKA_INTER_BROKER_LISTENER_NAME", "PLAINTEXT_INTERNAL")
            .WithEnvironment("KAFKA_NUM_PARTITIONS", partitions)
            .WithEnvironment("KAFKA_DEFAULT_REPLICATION_FACTOR", replicas)
            // The same on all: the active controller's value counts.
            .WithEnvironment("KAFKA_MIN_INSYNC_REPLICAS", minInSyncReplicas)
            .WithEnvironment("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", replicas)
            .WithEnvironment("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", replicas)
            .WithEnvironment("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", minInSyncReplicas)
            .WithEnvironment("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", replicas)
            .WithEnvironment("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", minInSyncReplicas)
            .WithEnvironment("KAFKA_MESSAGE_MAX_BYTES", "2097152")
            .WithEnvironment("KAFKA_REPLICA_FETCH_MAX_BYTES", "4194304")
            .WithEnvironment("KAFKA_LOG_DIRS", DataFolder)
            .WithEnvironment("KAFKA_HEAP_OPTS", "-Xms256m -Xmx512m");
        cluster.Resource.Add(id, broker, endpoint);
    }
}
