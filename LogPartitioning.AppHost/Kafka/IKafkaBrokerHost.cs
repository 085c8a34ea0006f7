namespace LogPartitioning.AppHost.Kafka;

/// <summary>Where a cluster's brokers run: in containers, as processes of this machine, or elsewhere already.</summary>
public interface IKafkaBrokerHost
{
    /// <summary>Adds the brokers' resources to the application and to <paramref name="cluster"/>.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="brokers">How many brokers it has, at least 1.</param>
    void AddBrokers(IResourceBuilder<KafkaClusterResource> cluster, int brokers);
}
