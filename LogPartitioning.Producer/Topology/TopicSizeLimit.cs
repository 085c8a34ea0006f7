using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Producer.Topology;

/// <summary>The topic's <c>max.message.bytes</c>: the largest batch of records that it takes, and so the largest record.</summary>
internal static class TopicSizeLimit
{
    private const string Config = "max.message.bytes";
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Asks the brokers; null where they are too old to tell.</summary>
    /// <exception cref="KafkaException">They do not answer, or refuse.</exception>
    public static async Task<int?> ReadAsync(
        IAdminClient admin, string topic, BrokerCapabilities capabilities, CancellationToken cancellationToken)
    {
        if (!capabilities.SupportsCreateTopics)
        {
            return null;
        }

        var described = await admin.DescribeConfigsAsync(
            [new ConfigResource { Type = ResourceType.Topic, Name = topic }],
            new DescribeConfigsOptions { RequestTimeout = RequestTimeout }).WaitAsync(cancellationToken);
        return described.Single().Entries.TryGetValue(Config, out var entry)
            && int.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : null;
    }
}
