using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Replay;

/// <summary>The Kafka clients behind dead letters and replay. The producer is made when first needed: most gateways never replay.</summary>
internal sealed class HistoryClients : IDisposable
{
    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer;

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
        _producer = new Lazy<IProducer<byte[]?, byte[]?>>(() =>
        {
            var config = new ProducerConfig(new Dictionary<string, string>(Config));
            DeadLetterReplayer.Configure(config, brokers);
            return new ProducerBuilder<byte[]?, byte[]?>(config)
                .SetLogHandler((_, message) => log.Write(message))
                .Build();
        });
    }

    public KafkaOptions Topics { get; }

    public ClientConfig Config { get; }

    public TopicBoundsReader Bounds { get; }

    public IProducer<byte[]?, byte[]?> Producer => _producer.Value;

    public void Dispose()
    {
        Bounds.Dispose();
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
    }
}
