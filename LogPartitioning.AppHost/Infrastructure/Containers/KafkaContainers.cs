using System.Globalization;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Infrastructure.Containers;

/// <summary>Three Kafka containers joined into one KRaft cluster.</summary>
internal static class KafkaContainers
{
    // Not AddKafka's own confluent-local: that one also starts a REST proxy, and exits when either dies.
    private const string Image = "confluentinc/cp-kafka";
    private const string Tag = "8.2.0";
    private const string DataFolder = "/var/lib/kafka/data";
    private const int BrokerCount = 3;
    private const int HostPort = 9092;
    private const int InternalPort = 9093;
    private const int ControllerPort = 29093;

    // Any 16 bytes in base64url do. Fixed, because the volumes of an earlier run carry it.
    private const string ClusterId = "bG9nLXBhcnRpdGlvbmluZw";

    /// <summary>Adds <c>kafka-1</c> to <c>kafka-3</c>.</summary>
    public static IReadOnlyList<IResourceBuilder<KafkaServerResource>> AddKafkaContainers(this IDistributedApplicationBuilder builder, AppHostSettings settings) =>
        [.. Enumerable.Range(1, BrokerCount).Select(id =>
            builder.AddBroker(id, settings.Ports.Random ? null : settings.Ports.Kafka + id - 1, settings.TopicPartitions))];

    /// <summary>The cluster's bootstrap servers, a comma between them.</summary>
    public static ReferenceExpression BootstrapServers(IReadOnlyList<IResourceBuilder<KafkaServerResource>> brokers)
    {
        var list = new ReferenceExpressionBuilder();
        foreach (var broker in brokers)
        {
            list.AppendLiteral(list.IsEmpty ? "" : ",");
            list.AppendFormatted(broker.Resource);
        }

        return list.Build();
    }

    // No broker waits for another one: each is healthy only when a quorum of them has formed.
    private static IResourceBuilder<KafkaServerResource> AddBroker(this IDistributedApplicationBuilder builder, int id, int? port, int topicPartitions)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"kafka-{id}");
        var voters = Enumerable.Range(1, BrokerCount)
            .Select(voter => string.Create(CultureInfo.InvariantCulture, $"{voter}@kafka-{voter}:{ControllerPort}"));
        var broker = builder.AddKafka(name, port)
            .WithImage(Image, Tag)
            .WithVolume($"log-partitioning-{name}", DataFolder);
        var hostPort = broker.Resource.PrimaryEndpoint.Property(EndpointProperty.Port);
        return broker
            .WithEnvironment("CLUSTER_ID", ClusterId)
            .WithEnvironment("KAFKA_NODE_ID", id.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment("KAFKA_PROCESS_ROLES", "broker,controller")
            .WithEnvironment("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
            .WithEnvironment("KAFKA_CONTROLLER_QUORUM_VOTERS", string.Join(',', voters))
            .WithEnvironment("KAFKA_LISTENERS", string.Create(CultureInfo.InvariantCulture, $"PLAINTEXT_HOST://:{HostPort},PLAINTEXT_INTERNAL://:{InternalPort},CONTROLLER://:{ControllerPort}"))
            .WithEnvironment("KAFKA_ADVERTISED_LISTENERS", ReferenceExpression.Create(
                $"PLAINTEXT_HOST://localhost:{hostPort},PLAINTEXT_INTERNAL://{name}:9093,CONTROLLER://{name}:29093"))
            .WithEnvironment("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "CONTROLLER:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT")
            .WithEnvironment("KAFKA_INTER_BROKER_LISTENER_NAME", "PLAINTEXT_INTERNAL")
            .WithEnvironment("KAFKA_NUM_PARTITIONS", topicPartitions.ToString(CultureInfo.InvariantCulture))
            .WithEnvironment("KAFKA_DEFAULT_REPLICATION_FACTOR", "3")
            // The same on all three: the active controller's value counts.
            .WithEnvironment("KAFKA_MIN_INSYNC_REPLICAS", "2")
            .WithEnvironment("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "3")
            .WithEnvironment("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "3")
            .WithEnvironment("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "2")
            .WithEnvironment("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "3")
            .WithEnvironment("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "2")
            .WithEnvironment("KAFKA_MESSAGE_MAX_BYTES", "2097152")
            .WithEnvironment("KAFKA_REPLICA_FETCH_MAX_BYTES", "4194304")
            .WithEnvironment("KAFKA_LOG_DIRS", DataFolder)
            .WithEnvironment("KAFKA_HEAP_OPTS", "-Xms256m -Xmx512m");
    }
}
