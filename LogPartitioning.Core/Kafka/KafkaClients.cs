using Confluent.Kafka;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// Makes the Kafka clients of a service: how the brokers are reached, what old ones need, and where a client's messages and
/// errors go. What a client is for (its group, its batching) is said by whoever needs it.
/// </summary>
/// <param name="configuration">Holds the connection string <c>kafka</c>.</param>
/// <param name="options">Hold what is set for every client (TLS, SASL …).</param>
/// <param name="brokers">What the brokers can do.</param>
/// <param name="errors">Told of every error.</param>
/// <param name="log">Takes a client's name and its log message.</param>
/// <param name="error">Takes a client's name and its error; may be null, since the client logs errors too.</param>
public sealed class KafkaClients(
    IConfiguration configuration,
    KafkaOptions options,
    BrokerCapabilities brokers,
    ConnectionErrors errors,
    Action<string, LogMessage> log,
    Action<string, Error>? error = null)
{
    private readonly ClientSettings _settings = ClientSettings.Of(options);

    /// <summary>What the brokers can do.</summary>
    public BrokerCapabilities Brokers => brokers;

    /// <summary>A client's settings, as far as they are the same for all clients of the service.</summary>
    /// <param name="clientId">What the client is called at the brokers.</param>
    /// <param name="set">Sets the rest.</param>
    public T Configure<T>(string clientId, Action<T>? set = null)
        where T : ClientConfig, new()
    {
        var config = new T { SocketKeepaliveEnable = true, ReconnectBackoffMaxMs = 2_000 };
        _settings.Apply(config);
        config.BootstrapServers = configuration.GetConnectionString("kafka");
        config.ClientId = clientId;
        if (config is ProducerConfig producer)
        {
            brokers.Apply(producer);
        }
        else
        {
            brokers.Apply(config);
        }

        set?.Invoke(config);
        return config;
    }

    /// <summary>For asking about topics and the group.</summary>
    public IAdminClient Admin(string clientId, Action<AdminClientConfig>? set = null) =>
        new AdminClientBuilder(Configure(clientId, set))
            .SetLogHandler((_, message) => Write(clientId, message))
            .SetErrorHandler((_, reason) => Fails(clientId, reason))
            .Build();

    /// <summary>A member of a group, not yet subscribed.</summary>
    /// <param name="name">What it is called in the log.</param>
    /// <param name="config">Its settings, of <see cref="Configure"/>.</param>
    /// <param name="set">Sets the handlers of rebalances.</param>
    public IConsumer<byte[]?, byte[]?> Consumer(string name, ConsumerConfig config, Action<ConsumerBuilder<byte[]?, byte[]?>> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var builder = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => Write(name, message))
            .SetErrorHandler((_, reason) => Fails(name, reason));
        set(builder);
        return builder.Build();
    }

    /// <summary>A producer that is replaced when it can send nothing more.</summary>
    public RenewableProducer<TKey, TValue> Producer<TKey, TValue>(string clientId, Action<ProducerConfig> set) =>
        new(Configure(clientId, set), message => Write(clientId, message), reason => Fails(clientId, reason));

    /// <summary>A consumer that is no member of a group: it commits nothing, and takes nothing from those that are.</summary>
    /// <param name="client">How the brokers are reached, of <see cref="Configure"/>.</param>
    /// <param name="set">Sets the rest. The client insists on a group id even where no group is joined.</param>
    /// <param name="log">Takes the client's log messages; null where a call that fails says enough.</param>
    internal static IConsumer<TKey, TValue> Reader<TKey, TValue>(ClientConfig client, Action<ConsumerConfig>? set = null, Action<LogMessage>? log = null)
    {
        var config = new ConsumerConfig(new Dictionary<string, string>(client)) { GroupId = "log-history-reader", EnableAutoCommit = false, EnableAutoOffsetStore = false };
        set?.Invoke(config);
        return new ConsumerBuilder<TKey, TValue>(config)
            .SetLogHandler((_, message) => log?.Invoke(message))
            .SetErrorHandler(static (_, _) => { })
            .Build();
    }

    /// <summary>Takes a log message of a client that is made elsewhere.</summary>
    internal void Write(string name, LogMessage message)
    {
        errors.Note(message);
        if (!BrokerCapabilities.IsWarningOfOldBrokers(message))
        {
            log(name, message);
        }
    }

    private void Fails(string name, Error reason)
    {
        errors.Note(reason);
        error?.Invoke(name, reason);
    }
}
