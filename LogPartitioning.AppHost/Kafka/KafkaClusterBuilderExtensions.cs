using LogPartitioning.AppHost.Resources;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>Adds Kafka clusters to an application.</summary>
public static class KafkaClusterBuilderExtensions
{
    /// <summary>Adds a cluster of Kafka brokers named <c>{name}-1</c> to <c>{name}-N</c>.</summary>
    /// <remarks>
    /// A service that refers to the cluster gets the bootstrap servers of all brokers as one connection string. Commands on the
    /// cluster create its topics, and kill and start brokers.
    /// <example>
    /// <code lang="csharp">
    /// var kafka = builder.AddKafkaCluster("kafka", new KafkaContainers(), brokers: 3).WithTopic("orders", partitions: 12);
    /// builder.AddProject&lt;Projects.Shop&gt;("shop").WithReference(kafka).WaitForStart(kafka);
    /// </code>
    /// </example>
    /// </remarks>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name, which is the connection string's too.</param>
    /// <param name="host">Where the brokers run.</param>
    /// <param name="brokers">How many brokers, 1 to 9; an even number survives no more failures than the odd one below it.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="brokers"/> is not 1 to 9.</exception>
    public static IResourceBuilder<KafkaClusterResource> AddKafkaCluster(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, IKafkaBrokerHost host, int brokers = 3)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(brokers, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(brokers, 9);
        var resource = new KafkaClusterResource(name);
        var cluster = builder.AddResource(resource)
            .WithNotStartedState("KafkaCluster")
            .WithIconName("Pipeline")
            .ExcludeFromManifest();
        host.AddBrokers(cluster, brokers);

        var state = new KafkaClusterState(resource);
        cluster.OnInitializeResource((_, initialize, _) => state.StartAsync(initialize.Services, initialize.Notifications));
        return resource.Brokers.Count == 0 ? cluster : cluster
            .WithOnlyHealthCheck($"{name}_joined", new KafkaClusterHealthCheck(state))
            .WithTopicCommand()
            .WithBrokerCommands();
    }

    /// <summary>Names a topic that the command <c>create-topics</c> creates where it is missing.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="name">The topic's name.</param>
    /// <param name="partitions">How many partitions, at least 1.</param>
    /// <param name="replicationFactor">How many brokers keep each partition; null: all, at most 3.</param>
    /// <param name="minInSyncReplicas">How many replicas must have a record; null: 2, or 1 where there is one replica.</param>
    /// <param name="settings">Further settings of the topic; null: none.</param>
    public static IResourceBuilder<KafkaClusterResource> WithTopic(
        this IResourceBuilder<KafkaClusterResource> cluster,
        string name,
        int partitions,
        short? replicationFactor = null,
        int? minInSyncReplicas = null,
        IReadOnlyDictionary<string, string>? settings = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        var replicas = replicationFactor ?? (short)Math.Clamp(cluster.Resource.Brokers.Count, 1, 3);
        cluster.Resource.Topics.Add(new KafkaTopic(name, partitions, replicas, minInSyncReplicas ?? Math.Min(2, (int)replicas), settings));
        return cluster;
    }
}
