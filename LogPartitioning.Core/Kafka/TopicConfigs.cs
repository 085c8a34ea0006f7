using System.Globalization;
using Confluent.Kafka.Admin;

namespace LogPartitioning.Core.Kafka;

/// <summary>The settings that the topics need: given when a topic is created, and compared with those that it has.</summary>
internal static class TopicConfigs
{
    private const string CleanupPolicy = "cleanup.policy";
    private const string MaxMessageBytes = "max.message.bytes";
    private const string MinInSyncReplicas = "min.insync.replicas";
    private const string RetentionBytes = "retention.bytes";
    private const string RetentionMs = "retention.ms";
    private const string TimestampType = "message.timestamp.type";
    private const string UncleanElection = "unclean.leader.election.enable";

    /// <summary>What the producer's client puts into one request to a partition at the most, and a little: the largest event is below.</summary>
    private const long LeastMessageBytes = 1_048_576;

    /// <summary>For a topic that is created here: room for the records of others too.</summary>
    private const long CreatedMessageBytes = 2_097_152;

    /// <summary>For the creation of a topic.</summary>
    public static Dictionary<string, string> Of(KafkaOptions options) => new()
    {
        [CleanupPolicy] = "delete",
        [MaxMessageBytes] = CreatedMessageBytes.ToString(CultureInfo.InvariantCulture),
        [MinInSyncReplicas] = options.MinInSyncReplicas.ToString(CultureInfo.InvariantCulture),
        [RetentionMs] = ((long)options.Retention.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        [TimestampType] = "CreateTime",
        [UncleanElection] = "false",
    };

    /// <summary>Where the settings of both topics differ.</summary>
    public static IEnumerable<TopicDifference> Compare(
        Dictionary<string, ConfigEntryResult> events, Dictionary<string, ConfigEntryResult> deadLetters, KafkaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Compare(options.Topic, events, LeastMessageBytes, "larger events are refused", options)
            // What was not too large for the one topic must not be for the other.
            .Concat(Compare(
                options.DeadLetterTopic,
                deadLetters,
                Math.Max(LeastMessageBytes, Number(events, MaxMessageBytes) ?? 0),
                "a record of that size that cannot be processed holds up its partition",
                options));
    }

    private static IEnumerable<TopicDifference> Compare(
        string topic, Dictionary<string, ConfigEntryResult> found, long leastMessageBytes, string ofLarger, KafkaOptions options)
    {
        if (Number(found, MinInSyncReplicas) is { } inSync && inSync != options.MinInSyncReplicas)
        {
            yield return TopicTopology.Number(topic, MinInSyncReplicas, nameof(KafkaOptions.MinInSyncReplicas), options.MinInSyncReplicas, inSync);
        }

        if (Text(found, CleanupPolicy) is { } policy && policy.Contains("compact", StringComparison.Ordinal))
        {
            yield return new(
                topic,
                CleanupPolicy,
                $"Topic \"{topic}\" has {CleanupPolicy} {policy}, but it must be delete: the brokers keep the last record of a key alone, and drop the others, stored or not.",
                TopicTopology.ChangeTheTopic);
        }

        var (retention, outage) = ((long)options.Retention.TotalMilliseconds, (long)options.LongestOutage.TotalMilliseconds);
        if (Number(found, RetentionMs) is { } tooShort and >= 0 && tooShort <= outage)
        {
            yield return Differs(RetentionMs, tooShort, $"it must be more than {outage} ({KafkaOptions.Section}:{nameof(KafkaOptions.LongestOutage)})", "consumers that are down for that long come back to records that are gone");
        }
        else if (Number(found, RetentionMs) is { } kept and >= 0 && kept < retention)
        {
            yield return Differs(RetentionMs, kept, $"{KafkaOptions.Section}:{nameof(KafkaOptions.Retention)} asks for {retention}", "a record that is not stored by then is lost");
        }

        if (Number(found, RetentionBytes) is { } bytes and >= 0)
        {
            yield return Differs(RetentionBytes, bytes, "it should be -1, which is no limit", "records beyond it are deleted, stored or not");
        }

        if (Number(found, MaxMessageBytes) is { } size && size < leastMessageBytes)
        {
            yield return Differs(MaxMessageBytes, size, $"it should be {leastMessageBytes} or more", ofLarger);
        }

        if (Text(found, TimestampType) is { } type && type != "CreateTime")
        {
            yield return Differs(TimestampType, type, "it should be CreateTime", "times of records are those of the brokers, which a replay from a time and a retention go by");
        }

        if (Text(found, UncleanElection) is "true")
        {
            yield return Differs(UncleanElection, "true", "it should be false", "a broker that lacks acknowledged events may come to lead a partition, and they are lost");
        }

        TopicDifference Differs(string name, object value, string needed, string consequence) =>
            new(topic, name, FormattableString.Invariant($"Topic \"{topic}\" has {name} {value}, but {needed}: {consequence}."));
    }

    private static string? Text(Dictionary<string, ConfigEntryResult> found, string name) => found.GetValueOrDefault(name)?.Value;

    private static long? Number(Dictionary<string, ConfigEntryResult> found, string name) =>
        long.TryParse(Text(found, name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
