using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// Sees to it that both topics exist as <see cref="KafkaOptions"/> and the design ask for: creates what is missing and
/// compares what is there. Brokers that cannot create a topic on request create it from their own defaults when first
/// asked about it.
/// </summary>
public static class TopicTopology
{
    internal const string ChangeTheTopic = "Change the topic with the brokers' own tools, and start again.";
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CreationTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CreationPoll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    /// <summary>Checks once; to be repeated while the brokers do not answer.</summary>
    /// <returns>Where the topics differ from what the services need, and work all the same.</returns>
    /// <exception cref="TopologyException">The services cannot work with a topic as it is.</exception>
    /// <exception cref="KafkaException">The brokers do not answer, or are not yet enough to create a topic.</exception>
    public static async Task<IReadOnlyList<TopicDifference>> EnsureAsync(
        IAdminClient admin, KafkaOptions options, BrokerCapabilities capabilities, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(capabilities);
        if (capabilities.SupportsCreateTopics)
        {
            await CreateMissingAsync(admin, [options.Topic, options.DeadLetterTopic], options, cancellationToken);
        }

        var differences = await CompareAsync(admin, options, capabilities, cancellationToken);
        var grave = differences.Where(difference => difference.Remedy is not null).ToList();
        return grave.Count == 0 ? differences : throw new TopologyException(grave);
    }

    /// <summary>Compares the topics, which exist, with what the services need.</summary>
    /// <exception cref="KafkaException">The brokers do not answer.</exception>
    public static async Task<IReadOnlyList<TopicDifference>> CompareAsync(
        IAdminClient admin, KafkaOptions options, BrokerCapabilities capabilities, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(capabilities);
        List<TopicDifference> differences = [];
        foreach (var topic in new[] { options.Topic, options.DeadLetterTopic })
        {
            differences.AddRange(Compare(await DescribeAsync(admin, topic, cancellationToken), options));
        }

        if (capabilities.SupportsCreateTopics)
        {
            differences.AddRange(await CompareConfigsAsync(admin, options, cancellationToken));
        }

        return differences;
    }

    /// <summary>Checks until the brokers have answered, waiting 0.5 to 5 s between attempts.</summary>
    /// <param name="admin">A client of the brokers.</param>
    /// <param name="options">The numbers to hold.</param>
    /// <param name="capabilities">What the brokers can do.</param>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="waiting">Told of each attempt that failed.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Where the topics differ from what the services need, and work all the same.</returns>
    /// <exception cref="TopologyException">The services cannot work with a topic as it is.</exception>
    public static async Task<IReadOnlyList<TopicDifference>> EnsureWhenBrokersAnswerAsync(
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
                return await EnsureAsync(admin, options, capabilities, cancellationToken);
            }
            catch (KafkaException e)
            {
                waiting(e);
                await Task.Delay(backoff.Next(), time, cancellationToken);
            }
        }
    }

    /// <summary>Compares a topic as the brokers describe it with the settings.</summary>
    internal static IEnumerable<TopicDifference> Compare(TopicMetadata topic, KafkaOptions options)
    {
        var partitions = topic.Partitions.Count;
        if (partitions != options.Partitions)
        {
            var difference = Number(topic.Topic, "partitions", nameof(KafkaOptions.Partitions), options.Partitions, partitions);
            yield return partitions < options.Partitions ? difference : difference with
            {
                Remedy = $"Partitions cannot be taken away: set {KafkaOptions.Section}:{nameof(KafkaOptions.Partitions)} to {partitions} for all services, and start again. "
                    + "Most keys move to another partition then, and their order holds only if what was written before is stored.",
                Meanwhile = $"Events go to the first {options.Partitions} as before, and the consumers read all, until the services start again with {partitions}.",
            };
        }

        // More replicas than asked for are no less safe, and there are more while partitions move to other brokers.
        // Old brokers leave a replica out of the list while its broker is down, and say so with this error.
        var fewest = topic.Partitions.Where(partition => partition.Error.Code != ErrorCode.ReplicaNotAvailable)
            .Select(partition => partition.Replicas.Length)
            .DefaultIfEmpty(options.ReplicationFactor)
            .Min();
        if (fewest < options.ReplicationFactor)
        {
            yield return Number(topic.Topic, "replicas", nameof(KafkaOptions.ReplicationFactor), options.ReplicationFactor, fewest);
        }
    }

    /// <summary>A number that keeps the services from starting.</summary>
    internal static TopicDifference Number(string topic, string name, string setting, long expected, long found) => new(
        topic,
        name,
        FormattableString.Invariant($"Topic \"{topic}\" has {name} {found}, but {KafkaOptions.Section}:{setting} says {expected}."),
        "Change the setting, or the topic with the brokers' own tools, and start again.");

    private static async Task CreateMissingAsync(
        IAdminClient admin, string[] topics, KafkaOptions options, CancellationToken cancellationToken)
    {
        var specifications = topics.Select(topic => new TopicSpecification
        {
            Name = topic,
            NumPartitions = options.Partitions,
            ReplicationFactor = options.ReplicationFactor,
            Configs = TopicConfigs.Of(options),
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
                throw new KafkaException(failed.Error.Code == ErrorCode.InvalidReplicationFactor
                    ? await TooFewBrokersAsync(admin, failed.Error, options, cancellationToken)
                    : failed.Error);
            }
        }
    }

    private static async Task<Error> TooFewBrokersAsync(IAdminClient admin, Error error, KafkaOptions options, CancellationToken cancellationToken)
    {
        var brokers = (await Task.Run(() => admin.GetMetadata(RequestTimeout), cancellationToken)).Brokers.Count;
        return brokers >= options.ReplicationFactor ? error : new Error(error.Code, FormattableString.Invariant(
            $"{brokers} {(brokers == 1 ? "broker answers" : "brokers answer")} and {KafkaOptions.Section}:{nameof(KafkaOptions.ReplicationFactor)} is {options.ReplicationFactor}: the topics cannot be created. Start more brokers, or set {KafkaOptions.Section}:{nameof(KafkaOptions.ReplicationFactor)} and {KafkaOptions.Section}:{nameof(KafkaOptions.MinInSyncReplicas)} to {brokers} at the most"));
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

    private static async Task<IEnumerable<TopicDifference>> CompareConfigsAsync(IAdminClient admin, KafkaOptions options, CancellationToken cancellationToken)
    {
        var entries = await ReadConfigsAsync(admin, [options.Topic, options.DeadLetterTopic], cancellationToken);
        return TopicConfigs.Compare(entries[options.Topic], entries[options.DeadLetterTopic], options);
    }

    /// <summary>One setting of a topic as the brokers have it; null where they do not know it.</summary>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    public static async Task<string?> ReadConfigAsync(IAdminClient admin, string topic, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admin);
        return (await ReadConfigsAsync(admin, [topic], cancellationToken))[topic].GetValueOrDefault(name)?.Value;
    }

    private static async Task<Dictionary<string, Dictionary<string, ConfigEntryResult>>> ReadConfigsAsync(
        IAdminClient admin, string[] topics, CancellationToken cancellationToken)
    {
        var resources = topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic });
        var described = await admin.DescribeConfigsAsync(resources, new DescribeConfigsOptions { RequestTimeout = RequestTimeout })
            .WaitAsync(cancellationToken);
        return described.ToDictionary(result => result.ConfigResource.Name, result => result.Entries);
    }
}
