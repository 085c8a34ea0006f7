using System.Globalization;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Producer.Topology;

/// <summary>The topic's <c>max.message.bytes</c>: the largest batch of records that it takes, and so the largest record.</summary>
internal static class TopicSizeLimit
{
    private const string Config = "max.message.bytes";

    /// <summary>Asks the brokers; null where they are too old to tell.</summary>
    /// <exception cref="KafkaException">They do not answer, or refuse.</exception>
    public static async Task<int?> ReadAsync(
        IAdminClient admin, string topic, BrokerCapabilities capabilities, CancellationToken cancellationToken)
    {
        var value = capabilities.SupportsCreateTopics ? await TopicTopology.ReadConfigAsync(admin, topic, Config, cancellationToken) : null;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
