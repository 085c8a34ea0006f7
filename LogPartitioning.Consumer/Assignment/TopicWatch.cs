using Confluent.Kafka;
using LogPartitioning.Core;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// What the topic is at the brokers now: its id, which another topic of the same name would not have, and whether it is
/// compacted. The client follows a name, and reads on in whatever has it.
/// </summary>
internal sealed class TopicWatch(IAdminClient admin, KafkaOptions kafka, BrokerCapabilities brokers, TimeProvider time, ILogger<TopicWatch> log)
{
    /// <summary>How often the id is looked at while partitions are read.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PolicyInterval = TimeSpan.FromMinutes(1);

    private readonly SteadyLoop _loop = new("Looking at the topic", time, log);
    private volatile string? _id;
    private volatile bool _isCompacted;
    private long? _policyReadAt;

    /// <summary>The topic's id, as last seen; null before that, and where the brokers have no such ids.</summary>
    public string? Id => _id;

    /// <summary>Whether old records of a key are removed when newer ones have come.</summary>
    public bool IsCompacted => _isCompacted;

    /// <summary>Asks now.</summary>
    /// <exception cref="KafkaException">The brokers do not answer, or have no such topic.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var id = await TopicId.ReadAsync(admin, kafka.Topic, brokers, Timeout, cancellationToken);
        if (id is null && brokers.SupportsTopicIds)
        {
            throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"The topic {kafka.Topic} does not exist."));
        }
        _id = id;
        return id;
    }

    /// <summary>Looks again and again, until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        brokers.SupportsTopicIds ? _loop.EveryAsync(Interval, LookAsync, cancellationToken) : Task.CompletedTask;

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ReadAsync(cancellationToken);
            await ReadPolicyAsync(cancellationToken);
        }
        catch (KafkaException)
        {
            // Brokers that are away have other voices; a topic that is gone has nothing to be read.
        }
    }

    private async Task ReadPolicyAsync(CancellationToken cancellationToken)
    {
        if (_policyReadAt is { } readAt && time.GetElapsedTime(readAt) < PolicyInterval)
        {
            return;
        }
        var policy = await TopicTopology.ReadConfigAsync(admin, kafka.Topic, "cleanup.policy", cancellationToken);
        _isCompacted = policy?.Contains("compact", StringComparison.Ordinal) is true;
        _policyReadAt = time.GetTimestamp();
    }
}
