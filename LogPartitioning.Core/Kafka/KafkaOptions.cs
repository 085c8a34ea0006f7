using System.Text.RegularExpressions;

namespace LogPartitioning.Core.Kafka;

/// <summary>The topics, the group and what the brokers can do: configuration section <c>Kafka</c>.</summary>
public sealed partial class KafkaOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Kafka";

    /// <summary>The brokers' version, e.g. <c>0.9.0.1</c>, where they are too old to say it themselves (before 0.11);
    /// unset means modern brokers.</summary>
    public string? BrokerVersion { get; set; }

    /// <summary>The topic of the log events.</summary>
    public string Topic { get; set; } = "log-events";

    /// <summary>The topic of the records that could not be processed.</summary>
    public string DeadLetterTopic { get; set; } = "log-events.dlq";

    /// <summary>The consumer group that moves the events into the store.</summary>
    public string Group { get; set; } = "log-processors";

    /// <summary>How many partitions each topic has, 1 to 10,000.</summary>
    public int Partitions { get; set; } = 12;

    /// <summary>How many brokers keep each partition, 1 to 100.</summary>
    public short ReplicationFactor { get; set; } = 3;

    /// <summary>How many replicas must have a record before it counts as written, 1 to <see cref="ReplicationFactor"/>.</summary>
    public int MinInSyncReplicas { get; set; } = 2;

    /// <summary>How long the brokers keep a record, for topics that are created here; a topic that keeps them for less is warned of. It
    /// must be longer than <see cref="LongestOutage"/>. 1 h to 3,650 days.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How long the consumers, or the store, may be down without a loss: a topic must keep its records for longer. 1 min to 3,650 days.</summary>
    public TimeSpan LongestOutage { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Settings of every Kafka client of every service, by their names in the client library: what a cluster of one's own
    /// needs beside its address (TLS, SASL …); see <see cref="ClientSettings"/>. Holds secrets.</summary>
    public IDictionary<string, string> Client { get; set; } = new Dictionary<string, string>();

    /// <summary>Every rule that these options break, each naming the setting, the rule and what was found.</summary>
    public IEnumerable<string> Problems()
    {
        if (BrokerVersion is { Length: > 0 } && !BrokerCapabilities.TryParseVersion(BrokerVersion, out _))
        {
            yield return $"{Section}:BrokerVersion must be a version such as 0.9.0.1 or 3.9.1, or unset; it is \"{BrokerVersion}\".";
        }

        foreach (var (name, topic) in new[] { (nameof(Topic), Topic), (nameof(DeadLetterTopic), DeadLetterTopic) })
        {
            if (!IsTopicName(topic))
            {
                yield return $"{Section}:{name} must have 1 to 249 of the characters a-z A-Z 0-9 . _ -; it is \"{topic}\".";
            }
        }

        if (string.Equals(Topic, DeadLetterTopic, StringComparison.Ordinal))
        {
            yield return $"{Section}:DeadLetterTopic must differ from {Section}:Topic; both are \"{Topic}\".";
        }

        if (string.IsNullOrWhiteSpace(Group))
        {
            yield return $"{Section}:Group must not be empty.";
        }

        if (Partitions is < 1 or > 10_000)
        {
            yield return $"{Section}:Partitions must be 1 to 10000; it is {Partitions}.";
        }

        if (ReplicationFactor is < 1 or > 100)
        {
            yield return $"{Section}:ReplicationFactor must be 1 to 100; it is {ReplicationFactor}.";
        }

        if (MinInSyncReplicas < 1 || MinInSyncReplicas > ReplicationFactor)
        {
            yield return $"{Section}:MinInSyncReplicas must be 1 to {Section}:ReplicationFactor ({ReplicationFactor}); it is {MinInSyncReplicas}.";
        }

        if (Retention < TimeSpan.FromHours(1) || Retention > TimeSpan.FromDays(3650))
        {
            yield return $"{Section}:Retention must be 01:00:00 to 3650.00:00:00; it is {Retention}.";
        }

        if (LongestOutage < TimeSpan.FromMinutes(1) || LongestOutage > TimeSpan.FromDays(3650))
        {
            yield return $"{Section}:LongestOutage must be 00:01:00 to 3650.00:00:00; it is {LongestOutage}.";
        }

        if (Retention <= LongestOutage)
        {
            yield return $"{Section}:Retention must be longer than {Section}:LongestOutage ({LongestOutage}), or records are deleted before they are stored; it is {Retention}.";
        }

        foreach (var problem in ClientSettings.Of(this).Problems)
        {
            yield return problem;
        }
    }

    /// <summary>Whether brokers can have a topic of this name.</summary>
    public static bool IsTopicName(string? name) => name is not (null or "." or "..") && TopicName().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,249}\z")]
    private static partial Regex TopicName();
}
