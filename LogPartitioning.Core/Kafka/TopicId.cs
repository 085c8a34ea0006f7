using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPartitioning.Core.Kafka;

/// <summary>The id that the brokers gave a topic when it was created. One that is created again under the same name has another.</summary>
public static class TopicId
{
    /// <summary>Asks for the id.</summary>
    /// <returns>Null where the brokers have no such ids (before 2.8), or no such topic.</returns>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    public static async Task<string?> ReadAsync(
        IAdminClient admin, string topic, BrokerCapabilities brokers, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(brokers);
        if (!brokers.SupportsTopicIds)
        {
            return null;
        }
        try
        {
            var described = await admin
                .DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = timeout })
                .WaitAsync(cancellationToken);
            return Text(described.TopicDescriptions.Single().TopicId);
        }
        catch (DescribeTopicsException e) when (e.Results.TopicDescriptions.All(topic => topic.Error.Code is ErrorCode.UnknownTopicOrPart))
        {
            return null;
        }
        catch (DescribeTopicsException e)
        {
            throw new KafkaException(e.Results.TopicDescriptions.First(topic => topic.Error.IsError).Error, e);
        }
    }

    private static string? Text(Uuid? id) => id is null || (id.MostSignificantBits == 0 && id.LeastSignificantBits == 0) ? null : id.ToString();
}
