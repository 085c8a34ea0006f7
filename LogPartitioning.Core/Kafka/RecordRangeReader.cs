using System.Diagnostics;
using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// Reads given ranges of a topic's partitions and nothing else. It assigns the partitions to itself: it joins no group,
/// so it takes nothing from a running consumer, and it commits nothing.
/// </summary>
/// <remarks>Not thread-safe. The calls block; give them a thread that may wait.</remarks>
public sealed class RecordRangeReader : IDisposable
{
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    private readonly string _topic;
    private readonly Dictionary<int, long> _ends = [];

    /// <summary>Starts reading.</summary>
    /// <param name="config">How to reach the brokers; what makes the reader a stranger to every group is set here.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="ranges">What to read, at most one range a partition. Empty ranges are left out.</param>
    public RecordRangeReader(ClientConfig config, string topic, IEnumerable<OffsetRange> ranges)
    {
        _topic = topic;
        _consumer = KafkaClients.Reader<byte[]?, byte[]?>(config, own =>
        {
            own.EnablePartitionEof = true;
            // A record that retention has taken away is an error to report, not a reason to jump elsewhere.
            own.AutoOffsetReset = AutoOffsetReset.Error;
            // What the client reads ahead of its caller, over all partitions.
            own.QueuedMaxMessagesKbytes = 8192;
            own.FetchWaitMaxMs = 100;
        });
        var starts = new List<TopicPartitionOffset>();
        foreach (var range in ranges.Where(r => r.Length > 0))
        {
            _ends.Add(range.Partition, range.To);
            starts.Add(new TopicPartitionOffset(topic, range.Partition, range.From));
        }
        _consumer.Assign(starts);
    }

    /// <summary>True when every range has been read to its end.</summary>
    public bool Completed => _ends.Count == 0;

    /// <summary>
    /// The next records, each partition's in offset order, partitions mixed. Returns early, perhaps with nothing, when
    /// <paramref name="wait"/> is over or the ranges are read.
    /// </summary>
    /// <param name="maxRecords">At most so many records.</param>
    /// <param name="maxBytes">No further record once so many bytes of keys and values are there.</param>
    /// <param name="wait">How long to wait for records.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ConsumeException">The brokers no longer hold the records, or refuse.</exception>
    public IReadOnlyList<ConsumeResult<byte[]?, byte[]?>> Read(
        int maxRecords, long maxBytes, TimeSpan wait, CancellationToken cancellationToken)
    {
        var records = new List<ConsumeResult<byte[]?, byte[]?>>(Math.Min(maxRecords, 1024));
        var bytes = 0L;
        var started = Stopwatch.GetTimestamp();
        while (!Completed && records.Count < maxRecords && bytes < maxBytes)
        {
            var left = wait - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                break;
            }
            cancellationToken.ThrowIfCancellationRequested();
            // Short slices: the blocking call takes either a time or a token.
            var result = _consumer.Consume(left < TimeSpan.FromMilliseconds(100) ? left : TimeSpan.FromMilliseconds(100));
            if (result is null || !_ends.TryGetValue(result.Partition.Value, out var end))
            {
                continue;
            }
            if (result.IsPartitionEOF)
            {
                if (result.Offset.Value >= end)
                {
                    Leave(result.Partition.Value);
                }
                continue;
            }
            if (result.Offset.Value < end)
            {
                records.Add(result);
                bytes += (result.Message.Key?.Length ?? 0) + (result.Message.Value?.Length ?? 0);
            }
            if (result.Offset.Value + 1 >= end)
            {
                Leave(result.Partition.Value);
            }
        }
        return records;
    }

    /// <summary>Stops reading a partition before its range is at its end.</summary>
    public void Leave(int partition)
    {
        if (_ends.Remove(partition))
        {
            _consumer.IncrementalUnassign([new TopicPartition(_topic, partition)]);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _consumer.Dispose();
}
