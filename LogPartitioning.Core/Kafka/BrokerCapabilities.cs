using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// What the brokers can do, by their version, and how a client has to be set for it. Other
/// code asks here and compares no version itself. The versions are those in which the protocol gained the feature
/// (https://kafka.apache.org/protocol and KIP-4, KIP-32, KIP-35, KIP-82, KIP-98, KIP-516).
/// </summary>
public sealed partial class BrokerCapabilities
{
    /// <summary>The client warns each time it is made that these settings will go, with a page about each.</summary>
    private static readonly string[] SettingsOfOldBrokers = ["api.version.request", "broker.version.fallback"];

    private static readonly Version Modern = new(int.MaxValue, 0);

    private readonly Version _version;
    private readonly string? _versionText;

    private BrokerCapabilities(Version version, string? versionText)
    {
        _version = version;
        _versionText = versionText;
    }

    /// <summary>Whether records carry headers (0.11).</summary>
    public bool SupportsHeaders => _version >= new Version(0, 11);

    /// <summary>Whether a producer can be idempotent (0.11).</summary>
    public bool SupportsIdempotence => _version >= new Version(0, 11);

    /// <summary>Whether topics can be created and their settings read by a client (0.11 for both).</summary>
    public bool SupportsCreateTopics => _version >= new Version(0, 11);

    /// <summary>Whether records carry a timestamp, and offsets can be found by one (0.10.1).</summary>
    public bool SupportsTimestamps => _version >= new Version(0, 10, 1);

    /// <summary>Whether the ends of many partitions are told at once, with and without what open transactions hold back (0.11).</summary>
    public bool SupportsListOffsets => _version >= new Version(0, 11);

    /// <summary>Whether topics have ids (2.8, KIP-516).</summary>
    public bool SupportsTopicIds => _version >= new Version(2, 8);

    private bool SupportsApiVersions => _version >= new Version(0, 10);

    /// <summary>The capabilities of <see cref="KafkaOptions.BrokerVersion"/>; unset means all.</summary>
    /// <exception cref="ArgumentException">The version is not one.</exception>
    public static BrokerCapabilities From(KafkaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (string.IsNullOrEmpty(options.BrokerVersion))
        {
            return new BrokerCapabilities(Modern, null);
        }

        return TryParseVersion(options.BrokerVersion, out var version)
            ? new BrokerCapabilities(version, options.BrokerVersion)
            : throw new ArgumentException($"\"{options.BrokerVersion}\" is not a broker version.", nameof(options));
    }

    /// <summary>Sets any client (admin, consumer) for these brokers.</summary>
    public void Apply(ClientConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (!SupportsApiVersions)
        {
            // Asked for its API versions, such a broker just closes the connection.
            config.ApiVersionRequest = false;
            config.BrokerVersionFallback = _versionText;
        }
    }

    /// <summary>
    /// Sets a producer for these brokers so that no acknowledged record is lost and records of a key stay in order under
    /// retries: acknowledged by all in-sync replicas, and either idempotent or with one request in flight.
    /// </summary>
    public void Apply(ProducerConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        Apply((ClientConfig)config);
        config.Acks = Acks.All;
        if (SupportsIdempotence)
        {
            config.EnableIdempotence = true;
            config.MaxInFlight = 5;
        }
        else
        {
            config.EnableIdempotence = false;
            config.MaxInFlight = 1;
        }
    }

    /// <summary>Warns of brokers that the next client will not talk to any more. To be called once a service.</summary>
    internal void WarnOfOldBrokers(ILogger log)
    {
        if (!SupportsApiVersions)
        {
            LogOldBrokers(log, _versionText);
        }
    }

    /// <summary>Whether a message of the client says that support for old brokers will end, which a service says once itself.</summary>
    public static bool IsWarningOfOldBrokers(LogMessage message) =>
        message is not null
        && message.Facility == KafkaClientLog.ConfigurationAdvice
        && SettingsOfOldBrokers.Any(setting => message.Message.Contains(setting, StringComparison.Ordinal));

    internal static bool TryParseVersion(string text, [NotNullWhen(true)] out Version? version) =>
        Version.TryParse(text, out version);

    [LoggerMessage(1002, LogLevel.Warning, "The brokers are version {Version}. Client libraries will drop support for brokers older than 0.10; use Apache Kafka 4.")]
    private static partial void LogOldBrokers(ILogger log, string? version);
}
