using Confluent.Kafka;

namespace LogPartitioning.Producer.Topology;

/// <summary>The producer's own connections, for asking the brokers about topics.</summary>
internal sealed class BrokerAdmin(IProducer<string, byte[]> producer) : IDisposable
{
    public IAdminClient Client { get; } = new DependentAdminClientBuilder(producer.Handle).Build();

    public void Dispose() => Client.Dispose();
}
