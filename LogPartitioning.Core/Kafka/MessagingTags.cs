using System.Diagnostics;
using System.Globalization;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// The tags of spans that send or process records, after OpenTelemetry's conventions for messaging
/// (https://opentelemetry.io/docs/specs/semconv/messaging/kafka/). The value of a tag names no source and no message.
/// </summary>
public static class MessagingTags
{
    /// <summary>Of the group that processes.</summary>
    public const string Group = "messaging.consumer.group.name";

    /// <summary>Of the client, as the brokers know it.</summary>
    public const string ClientId = "messaging.client.id";

    /// <summary>The records' places, one text for each partition: <c>3:1031-1080</c> are the offsets 1031 to 1080 of partition 3.</summary>
    public const string Offsets = "logpartitioning.offsets";

    private const string Partition = "messaging.destination.partition.id";

    /// <summary>Sets what every such span has.</summary>
    /// <param name="span">The span.</param>
    /// <param name="operation"><c>send</c> or <c>process</c>.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="records">How many records.</param>
    public static void SetMessaging(this Activity span, string operation, string topic, int records)
    {
        ArgumentNullException.ThrowIfNull(span);
        span.SetTag("messaging.system", "kafka");
        span.SetTag("messaging.operation.name", operation);
        span.SetTag("messaging.operation.type", operation);
        span.SetTag("messaging.destination.name", topic);
        span.SetTag("messaging.batch.message_count", records);
    }

    /// <summary>Sets where the records are; the partition has a tag of its own when it is the same for all of them.</summary>
    /// <param name="span">The span.</param>
    /// <param name="places">First and last offset in each partition.</param>
    public static void SetPlaces(this Activity span, IReadOnlyCollection<(int Partition, long First, long Last)> places)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(places);
        if (places.Count == 1)
        {
            // A text by the conventions, since not every system numbers its partitions.
            span.SetTag(Partition, places.First().Partition.ToString(CultureInfo.InvariantCulture));
        }

        span.SetTag(Offsets, places
            .Select(place => string.Create(CultureInfo.InvariantCulture, $"{place.Partition}:{place.First}-{place.Last}"))
            .ToArray());
    }
}
