using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>The Kafka clients behind dead letters and replay. The producer is made when first needed: most gateways never replay.</summary>
internal sealed class HistoryClients : IDisposable
{
    public HistoryClients(
        IConfiguration configuration,
        IOptions<KafkaOptions> options,
        BrokerCapabilities brokers,
        KafkaClientLog log)
    {
        Topics = options.Value;
        Config = new ClientConfig { BootstrapServers = configuration.GetConnectionString("kafka"), ClientId = "gateway-history" };
        brokers.Apply(Config);
        Bounds = new TopicBoundsReader(Config);
        var config = new ProducerConfig(new Dictionary<string, string>(Config));
        DeadLetterReplayer.Configure(config, brokers);
        Producer = new(config, log.Write);
    }

    public KafkaOptions Topics { get; }

    public ClientConfig Config { get; }

    public TopicBoundsReader Bounds { get; }

    public RenewableProducer<byte[]?, byte[]?> Producer { get; }

    public void Dispose()
    {
        Bounds.Dispose();
        Producer.Dispose();
    }
}
