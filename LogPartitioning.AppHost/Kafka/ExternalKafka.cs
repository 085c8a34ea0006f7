using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>Brokers that run elsewhere: the connection string of the cluster's name in the configuration says where.</summary>
internal sealed class ExternalKafka : IKafkaBrokerHost
{
    /// <inheritdoc/>
    public void AddBrokers(IResourceBuilder<KafkaClusterResource> cluster, int brokers)
    {
        var name = cluster.Resource.Name;
        var configuration = cluster.ApplicationBuilder.Configuration;
        cluster.Resource.ConnectTo(new ParameterResource(
            name, _ => configuration.GetConnectionString(name) ?? throw new DistributedApplicationException($"ConnectionStrings:{name} is not set."), secret: true));
    }
}
