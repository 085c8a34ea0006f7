using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>The Kafka clients behind dead letters and replay, made when first needed: most gateways never replay.</summary>
internal sealed class HistoryClients(KafkaClients clients, IOptions<KafkaOptions> options, BrokerCapabilities brokers, TimeProvider time) : IDisposable
{
    /// <summary>How many clients read pages at most.</summary>
    public const int MaxPageClients = 2;

    /// <summary>How many requests may wait for one of these.</summary>
    public const int MaxWaitingForPages = 64;

    private const string ClientId = "gateway-history";
    private static readonly TimeSpan s_keep = TimeSpan.FromMinutes(1);

    public KafkaOptions Topics => options.Value;

    /// <summary>For pages of dead letters.</summary>
    public RecordReaders Pages { get; } =
        new(clients.Configure<ClientConfig>(ClientId), MaxPageClients, MaxWaitingForPages, TimeSpan.FromSeconds(5), s_keep, time);

    /// <summary>For searches through all dead letters: one at a time.</summary>
    public RecordReaders Searches { get; } =
        new(clients.Configure<ClientConfig>(ClientId), clients: 1, waiting: 8, TimeSpan.FromSeconds(15), s_keep, time);

    public TopicBoundsReader Bounds { get; } = new(clients.Configure<ClientConfig>(ClientId));

    public RenewableProducer<byte[]?, byte[]?> Producer { get; } =
        clients.Producer<byte[]?, byte[]?>(ClientId, config => DeadLetterRedriver.Configure(config, brokers));

    public void Dispose()
    {
        Pages.Dispose();
        Searches.Dispose();
        Bounds.Dispose();
        Producer.Dispose();
    }
}
