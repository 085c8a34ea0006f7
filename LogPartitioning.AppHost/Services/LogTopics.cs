using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>The topics of the application.</summary>
internal static class LogTopics
{
    /// <summary>Names the topic of the events and that of the dead letters.</summary>
    public static IResourceBuilder<KafkaClusterResource> WithLogTopics(this IResourceBuilder<KafkaClusterResource> cluster, TopicSettings topics) => cluster
        .WithTopic(topics.Events, topics.Partitions, topics.ReplicationFactor, topics.MinInSyncReplicas)
        .WithTopic(topics.DeadLetters, topics.Partitions, topics.ReplicationFactor, topics.MinInSyncReplicas);
}
