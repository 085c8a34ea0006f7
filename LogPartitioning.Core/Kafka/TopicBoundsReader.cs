using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>Asks the brokers for the first and the next offset of every partition of a topic. It joins no group.</summary>
/// <remarks>Safe for use by many at once, who take turns: each question holds a thread while the brokers answer.</remarks>
public sealed class TopicBoundsReader : IDisposable
{
    private const int QuestionsAtOnce = 2;
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turns = new(QuestionsAtOnce, QuestionsAtOnce);
    private readonly Lazy<(IConsumer<Ignore, Ignore> Consumer, IAdminClient Admin)> _clients;
    private readonly Lock _lock = new();
    private int _running;
    private volatile bool _disposed;

    /// <summary>Connects at the first call.</summary>
    /// <param name="config">How to reach the brokers.</param>
    public TopicBoundsReader(ClientConfig config) => _clients = new(() =>
    {
        var consumer = KafkaClients.Reader<Ignore, Ignore>(config);
        var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        IsOpen = true;
        return (consumer, admin);
    });

    /// <summary>The bounds of each partition, by partition number.</summary>
    /// <param name="topic">The topic. One that does not exist gives an empty answer.</param>
    /// <param name="cancellationToken">Gives up waiting; each request itself ends after 10 s at the latest.</param>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">Others before asked for more than 10 s.</exception>
    public Task<IReadOnlyDictionary<int, PartitionBounds>> ReadAsync(string topic, CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyDictionary<int, PartitionBounds>>(() => Read(topic), cancellationToken);

    /// <summary>
    /// For each partition, the first offset whose record is not older than <paramref name="time"/>, or the next offset
    /// where every record is older. Needs brokers that keep record timestamps (0.10.1 and later).
    /// </summary>
    /// <exception cref="KafkaException">The brokers do not answer, or keep no timestamps.</exception>
    public Task<IReadOnlyDictionary<int, long>> OffsetsAtAsync(
        string topic, IReadOnlyCollection<int> partitions, DateTimeOffset time, CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyDictionary<int, long>>(() => OffsetsAt(topic, partitions, time), cancellationToken);

    /// <summary>Whether there are clients that were made and not closed.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>Takes no more questions. The clients are closed at once, or when those have ended that nobody waits for any more: a client that is closed while it asks leaves
    /// its call with memory that is gone.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            CloseUnlessUsed();
        }
    }

    // The client offers these calls only as blocking ones. A turn lasts as long as the call, also when nobody waits for it any more.
    private async Task<T> CallAsync<T>(Func<T> call, CancellationToken cancellationToken)
    {
        if (!await _turns.WaitAsync(RequestTimeout, cancellationToken))
        {
            throw new TimeoutException($"Others have asked the brokers for the ends of the topic for {RequestTimeout.TotalSeconds:0} s.");
        }
        return await Task.Run(
            () =>
            {
                try
                {
                    return Use(call);
                }
                finally
                {
                    _turns.Release();
                }
            },
            CancellationToken.None).WaitAsync(cancellationToken);
    }

    private T Use<T>(Func<T> call)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _running++;
        }
        try
        {
            return call();
        }
        finally
        {
            lock (_lock)
            {
                _running--;
                if (_disposed)
                {
                    CloseUnlessUsed();
                }
            }
        }
    }

    private void CloseUnlessUsed()
    {
        if (_running == 0 && IsOpen)
        {
            IsOpen = false;
            _clients.Value.Admin.Dispose();
            _clients.Value.Consumer.Dispose();
        }
    }

    private Dictionary<int, PartitionBounds> Read(string topic)
    {
        var metadata = _clients.Value.Admin.GetMetadata(topic, RequestTimeout);
        var described = metadata.Topics.SingleOrDefault(t => t.Topic == topic);
        if (described is null || described.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            return [];
        }
        if (described.Error.IsError && described.Error.Code != ErrorCode.LeaderNotAvailable)
        {
            throw new KafkaException(described.Error);
        }
        return described.Partitions.ToDictionary(
            p => p.PartitionId,
            p =>
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                var bounds = _clients.Value.Consumer.QueryWatermarkOffsets(new TopicPartition(topic, p.PartitionId), RequestTimeout);
                return new PartitionBounds(bounds.Low.Value, bounds.High.Value);
            });
    }

    /// <summary>A time as the brokers are asked for it. To them, numbers below 0 stand for the ends of the log; no record came in
    /// before 1970.</summary>
    internal static long MillisecondsOf(DateTimeOffset time) => Math.Max(0, time.ToUnixTimeMilliseconds());

    private Dictionary<int, long> OffsetsAt(string topic, IReadOnlyCollection<int> partitions, DateTimeOffset time)
    {
        var consumer = _clients.Value.Consumer;
        var at = new Timestamp(MillisecondsOf(time), TimestampType.CreateTime);
        var found = consumer.OffsetsForTimes(partitions.Select(p => new TopicPartitionTimestamp(topic, p, at)), RequestTimeout);
        return found.ToDictionary(
            f => f.Partition.Value,
            // "End" stands for: no record that young.
            f => f.Offset.Value >= 0 ? f.Offset.Value : consumer.QueryWatermarkOffsets(f.TopicPartition, RequestTimeout).High.Value);
    }
}
