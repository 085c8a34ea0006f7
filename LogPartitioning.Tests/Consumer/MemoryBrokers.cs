using Confluent.Kafka;

namespace LogPartitioning.Tests.Consumer;

/// <summary>The brokers' side of commits.</summary>
internal sealed class MemoryBrokers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _committed = [];

    public ErrorCode? Refusal { get; set; }

    public int Attempts { get; private set; }

    public IReadOnlyDictionary<int, long> Committed
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<int, long>(_committed);
            }
        }
    }

    public Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Attempts++;
            if (Refusal is { } refusal)
            {
                throw new KafkaException(refusal);
            }
            foreach (var offset in offsets)
            {
                _committed[offset.Partition.Value] = offset.Offset.Value;
            }
        }

        return Task.CompletedTask;
    }
}
