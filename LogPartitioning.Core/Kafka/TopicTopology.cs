using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// Sees to it that both topics exist with the numbers of <see cref="KafkaOptions"/>: creates what is missing and
/// compares what is there. Brokers that cannot create a topic on request create it from their own defaults when first
/// asked about it.
/// </summary>
public static class TopicTopology
{
    private const string MinInSyncReplicasConfig = "min.insync.replicas";
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CreationTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CreationPoll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    /// <summary>Checks once; to be repeated while the brokers do not answer.</summary>
    /// <exception cref="TopologyException">A topic has other numbers.</exception>
    /// <exception cref="KafkaException">The brokers do not answer, or are not yet enough to create a topic.</exception>
    public static async Task EnsureAsync(
        IAdminClient admin, KafkaOptions options, BrokerCapabilities capabilities, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(capabilities);
        string[] topics = [options.Topic, options.DeadLetterTopic];
        if (capabilities.SupportsCreateTopics)
        {
            await CreateMissingAsync(admin, topics, options, cancellationToken);
        }

        foreach (var topic in topics)
        {
            Compare(await DescribeAsync(admin, topic, cancellationToken), options);
        }

        if (capabilities.SupportsCreateTopics)
        {
            await CompareMinInSyncReplicasAsync(admin, topics, options, cancellationToken);
        }
    }

    /// <summary>Checks until the brokers have answered, waiting 0.5 to 5 s between attempts.</summary>
    /// <param name="admin">A client of the brokers.</param>
    /// <param name="options">The numbers to hold.</param>
    /// <param name="capabilities">What the brokers can do.</param>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="waiting">Told of each attempt that failed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="TopologyException">A topic has other numbers.</exception>
    public static async Task EnsureWhenBrokersAnswerAsync(
        IAdminClient admin,
        KafkaOptions options,
        BrokerCapabilities capabilities,
        TimeProvider time,
        Action<KafkaException> waiting,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        var backoff = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            try
            {
                await EnsureAsync(admin, options, capabilities, cancellationToken);
                return;
            }
            catch (KafkaException e)
            {
                waiting(e);
                await Task.Delay(backoff.Next(), time, cancellationToken);
            }
        }
    }

    /// <summary>Compares a topic as the brokers describe it with the settings.</summary>
    /// <exception cref="TopologyException">A number differs.</exception>
    internal static void Compare(TopicMetadata topic, KafkaOptions options)
    {
        if (topic.Partitions.Count != options.Partitions)
        {
            throw new TopologyException(
                topic.Topic, "partitions", $"{KafkaOptions.Section}:Partitions", options.Partitions, topic.Partitions.Count);
        }

        foreach (var partition in topic.Partitions)
        {
            // Old brokers leave a replica out of the list while its broker is down, and say so with this error.
            var incomplete = partition.Error.Code == ErrorCode.ReplicaNotAvailable
                && partition.Replicas.Length < options.ReplicationFactor;
            if (partition.Replicas.Length != options.ReplicationFactor && !incomplete)
            {
                throw new TopologyException(
                    topic.Topic, "replicas", $"{KafkaOptions.Section}:ReplicationFactor", options.ReplicationFactor, partition.Replicas.Length);
            }
        }
    }

    private static async Task CreateMissingAsync(
        IAdminClient admin, string[] topics, KafkaOptions options, CancellationToken cancellationToken)
    {
        var specifications = topics.Select(topic => new TopicSpecification
        {
            Name = topic,
            NumPartitions = options.Partitions,
            ReplicationFactor = options.ReplicationFactor,
            Configs = new Dictionary<string, string>
            {
                [MinInSyncReplicasConfig] = options.MinInSyncReplicas.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
        });
        try
        {
            await admin.CreateTopicsAsync(specifications, new CreateTopicsOptions { RequestTimeout = RequestTimeout })
                .WaitAsync(cancellationToken);
        }
        catch (CreateTopicsException e)
        {
            var failed = e.Results.FirstOrDefault(
                result => result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists);
            if (failed is not null)
            {
                // Too few brokers so far, among others: the caller tries again.
                throw new KafkaException(failed.Error);
            }
        }
    }

    private static async Task<TopicMetadata> DescribeAsync(
        IAdminClient admin, string topic, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + CreationTimeout;
        while (true)
        {
            // The call blocks; off the caller's thread it at least blocks nobody else.
            var metadata = await Task.Run(() => admin.GetMetadata(topic, RequestTimeout), cancellationToken);
            var found = metadata.Topics.Single(candidate => candidate.Topic == topic);
            var settled = !found.Error.IsError && found.Partitions.Count > 0
                && found.Partitions.All(partition => partition.Error.Code is ErrorCode.NoError or ErrorCode.ReplicaNotAvailable);
            if (settled)
            {
                return found;
            }

            if (DateTime.UtcNow > deadline)
            {
                throw new KafkaException(found.Error.IsError
                    ? found.Error
                    : new Error(ErrorCode.LeaderNotAvailable, $"Topic \"{topic}\" has partitions without a leader."));
            }

            await Task.Delay(CreationPoll, cancellationToken);
        }
    }

    private static async Task CompareMinInSyncReplicasAsync(
        IAdminClient admin, string[] topics, KafkaOptions options, CancellationToken cancellationToken)
    {
        var resources = topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic });
        var described = await admin.DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = RequestTimeout })
            .WaitAsync(cancellationToken);
        foreach (var result in described)
        {
            if (result.Entries.TryGetValue(MinInSyncReplicasConfig, out var entry)
                && int.TryParse(entry.Value, out var found) && found != options.MinInSyncReplicas)
            {
                throw new TopologyException(
                    result.ConfigResource.Name,
                    MinInSyncReplicasConfig,
                    $"{KafkaOptions.Section}:MinInSyncReplicas",
                    options.MinInSyncReplicas,
                    found);
            }
        }
    }
}
