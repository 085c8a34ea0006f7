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
    private readonly Dictionary<int, OffsetRange> _ranges = [];
    private string _topic = "";

    /// <summary>A reader that has nothing to read yet.</summary>
    /// <param name="config">How to reach the brokers; what makes the reader a stranger to every group is set here.</param>
    /// <param name="aheadKilobytes">What the client reads ahead of its caller, over all partitions.</param>
    public RecordRangeReader(ClientConfig config, int aheadKilobytes = 8192) => _consumer = KafkaClients.Reader<byte[]?, byte[]?>(config, own =>
    {
        own.EnablePartitionEof = true;
        // A record that retention has taken away is an error to report, not a reason to jump elsewhere.
        own.AutoOffsetReset = AutoOffsetReset.Error;
        own.QueuedMaxMessagesKbytes = aheadKilobytes;
        // What one broker sends at once; a record that is larger comes by itself.
        own.FetchMaxBytes = aheadKilobytes * 1024;
        own.FetchWaitMaxMs = 100;
    });

    /// <summary>Starts reading.</summary>
    /// <param name="config">How to reach the brokers.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="ranges">What to read, at most one range a partition. Empty ranges are left out.</param>
    public RecordRangeReader(ClientConfig config, string topic, IEnumerable<OffsetRange> ranges)
        : this(config) => Start(topic, ranges);

    /// <summary>Reads these ranges from now on, and no longer those before.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="ranges">What to read, at most one range a partition. Empty ranges are left out.</param>
    public void Start(string topic, IEnumerable<OffsetRange> ranges)
    {
        _topic = topic;
        _ranges.Clear();
        foreach (var range in ranges.Where(r => r.Length > 0))
        {
            _ranges.Add(range.Partition, range);
        }
        _consumer.Assign(_ranges.Values.Select(r => new TopicPartitionOffset(topic, r.Partition, r.From)));
    }

    /// <summary>Reads nothing any more, and keeps its connections.</summary>
    public void Stop()
    {
        _ranges.Clear();
        _consumer.Unassign();
    }

    /// <summary>True when every range has been read to its end.</summary>
    public bool Completed => _ranges.Count == 0;

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
            if (result is null || result.Topic != _topic || !_ranges.TryGetValue(result.Partition.Value, out var range) || result.Offset.Value < range.From)
            {
                continue;
            }
            if (result.IsPartitionEOF)
            {
                if (result.Offset.Value >= range.To)
                {
                    Leave(result.Partition.Value);
                }
                continue;
            }
            if (result.Offset.Value < range.To)
            {
                records.Add(result);
                bytes += (result.Message.Key?.Length ?? 0) + (result.Message.Value?.Length ?? 0);
            }
            if (result.Offset.Value + 1 >= range.To)
            {
                Leave(result.Partition.Value);
            }
        }
        return records;
    }

    /// <summary>Stops reading a partition before its range is at its end.</summary>
    public void Leave(int partition)
    {
        if (_ranges.Remove(partition))
        {
            _consumer.IncrementalUnassign([new TopicPartition(_topic, partition)]);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _consumer.Dispose();
}
