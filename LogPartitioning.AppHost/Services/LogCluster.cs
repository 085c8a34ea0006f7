using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Kafka.Containers;
using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.AppHost.Kafka.Processes;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>The cluster that holds the application's topics.</summary>
internal static class LogCluster
{
    /// <summary>Where the brokers run.</summary>
    public static IKafkaBrokerHost BrokerHost(this AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => new KafkaContainers(settings.Ports.OfContainer(settings.Ports.Kafka), AppHostSettings.VolumePrefix, settings.Topics.Partitions),
        InfrastructureMode.Processes when settings.Servers!.Kafka.UsesKRaft => new KafkaProcesses(settings.KafkaProcesses()),
        InfrastructureMode.Processes => new OldKafkaProcesses(settings.KafkaProcesses()),
        InfrastructureMode.External => new ExternalKafka(),
        _ => throw new InvalidOperationException($"The mode {settings.Mode} was not resolved."),
    };

    /// <summary>Names the topic of the events and that of the dead letters.</summary>
    public static IResourceBuilder<KafkaClusterResource> WithLogTopics(this IResourceBuilder<KafkaClusterResource> cluster, TopicSettings topics) => cluster
        .WithTopic(topics.Events, topics.Partitions, topics.ReplicationFactor, topics.MinInSyncReplicas, Settings(topics))
        .WithTopic(topics.DeadLetters, topics.Partitions, topics.ReplicationFactor, topics.MinInSyncReplicas, Settings(topics));

    /// <summary>As the services create them.</summary>
    private static Dictionary<string, string> Settings(TopicSettings topics) => new()
    {
        ["cleanup.policy"] = "delete",
        ["max.message.bytes"] = "2097152",
        ["message.timestamp.type"] = "CreateTime",
        ["retention.ms"] = $"{(long)topics.Retention.TotalMilliseconds}",
        ["unclean.leader.election.enable"] = "false",
    };
}
