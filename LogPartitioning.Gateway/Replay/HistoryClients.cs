using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Replay;

/// <summary>The Kafka clients behind dead letters and replay, made when first needed: a gateway that is never asked keeps none.</summary>
internal sealed class HistoryClients : IDisposable
{
    private readonly Lazy<IAdminClient> _admin;
    private readonly Lazy<IProducer<byte[]?, byte[]?>> _producer;

    public HistoryClients(IConfiguration configuration, IOptions<KafkaOptions> options, BrokerCapabilities brokers)
    {
        Topics = options.Value;
        var servers = configuration.GetConnectionString("kafka")
            ?? throw new InvalidOperationException("The connection string \"kafka\" is missing: ConnectionStrings:kafka names the brokers.");
        Config = new ClientConfig { BootstrapServers = servers };
        brokers.Apply(Config);
        _admin = new Lazy<IAdminClient>(() => new AdminClientBuilder(new AdminClientConfig(Copy()))
            .SetErrorHandler(static (_, _) => { }) // A call that fails says so itself.
            .SetLogHandler(static (_, _) => { })
            .Build());
        _producer = new Lazy<IProducer<byte[]?, byte[]?>>(() =>
        {
            var config = new ProducerConfig(Copy());
            DeadLetterReplayer.Configure(config, brokers);
            return new ProducerBuilder<byte[]?, byte[]?>(config)
                .SetErrorHandler(static (_, _) => { })
                .SetLogHandler(static (_, _) => { })
                .Build();
        });
    }

    public KafkaOptions Topics { get; }

    public ClientConfig Config { get; }

    public TopicBoundsReader Bounds => new(_admin.Value);

    public IProducer<byte[]?, byte[]?> Producer => _producer.Value;

    public void Dispose()
    {
        if (_producer.IsValueCreated)
        {
            _producer.Value.Dispose();
        }
        if (_admin.IsValueCreated)
        {
            _admin.Value.Dispose();
        }
    }

    private Dictionary<string, string> Copy() => new(Config);
}
