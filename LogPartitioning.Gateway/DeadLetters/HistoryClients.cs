using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>The Kafka clients behind dead letters and replay. The producer is made when first needed: most gateways never replay.</summary>
internal sealed class HistoryClients(KafkaClients clients, IOptions<KafkaOptions> options, BrokerCapabilities brokers) : IDisposable
{
    private const string ClientId = "gateway-history";

    public KafkaOptions Topics => options.Value;

    public ClientConfig Config { get; } = clients.Configure<ClientConfig>(ClientId);

    public TopicBoundsReader Bounds { get; } = new(clients.Configure<ClientConfig>(ClientId));

    public RenewableProducer<byte[]?, byte[]?> Producer { get; } =
        clients.Producer<byte[]?, byte[]?>(ClientId, config => DeadLetterRedriver.Configure(config, brokers));

    public void Dispose()
    {
        Bounds.Dispose();
        Producer.Dispose();
    }
}
