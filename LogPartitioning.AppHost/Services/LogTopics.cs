using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Services;

/// <summary>The topics of the application, as the services' own settings name them.</summary>
internal static class LogTopics
{
    /// <summary>Names the topic of the events and that of the dead letters.</summary>
    public static IResourceBuilder<KafkaClusterResource> WithLogTopics(this IResourceBuilder<KafkaClusterResource> cluster, AppHostSettings settings)
    {
        var configuration = cluster.ApplicationBuilder.Configuration;
        var replicas = configuration.GetValue<short>("Kafka:ReplicationFactor", 3);
        var minInSyncReplicas = configuration.GetValue("Kafka:MinInSyncReplicas", 2);
        return cluster
            .WithTopic(configuration["Kafka:Topic"] ?? "log-events", settings.TopicPartitions, replicas, minInSyncReplicas)
            .WithTopic(configuration["Kafka:DeadLetterTopic"] ?? "log-events.dlq", settings.TopicPartitions, replicas, minInSyncReplicas);
    }
}
