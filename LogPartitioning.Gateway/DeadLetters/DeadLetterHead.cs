using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>The oldest dead letters of one partition that a page may take, and how several partitions become one page.</summary>
internal sealed class DeadLetterHead
{
    private readonly Queue<DeadLetterRecord> _records = new();
    // A record that is no envelope has no time of its own; it keeps its place behind the one before it.
    private DateTimeOffset _time = DateTimeOffset.MinValue;

    public DeadLetterHead(OffsetRange range)
    {
        Range = range;
        Position = range.From;
    }

    public OffsetRange Range { get; }

    /// <summary>Where this partition goes on after the page.</summary>
    public long Position { get; private set; }

    /// <summary>Set when reading stopped before the end of the range: what follows the last record here is not known.</summary>
    public bool Cut { get; set; }

    public int Count => _records.Count;

    public void Add(DeadLetterRecord record) => _records.Enqueue(record);

    /// <summary>Takes the oldest head again and again, until the page is full or a partition's next record is not known.</summary>
    public static DeadLetterPage Merge(IReadOnlyList<DeadLetterHead> heads, int limit)
    {
        var queue = new PriorityQueue<DeadLetterHead, (DateTimeOffset Time, int Partition)>();
        foreach (var head in heads)
        {
            head.OfferTo(queue);
        }
        var items = new List<DeadLetterRecord>();
        while (items.Count < limit && queue.TryDequeue(out var head, out _))
        {
            items.Add(head.Take());
            if (head is { Count: 0, Cut: true })
            {
                break;
            }
            head.OfferTo(queue);
        }
        return heads.Any(h => h.Position < h.Range.To)
            ? new DeadLetterPage(items, new OffsetsCursor(heads.Select(h => KeyValuePair.Create(h.Range.Partition, h.Position))))
            : new DeadLetterPage(items, null);
    }

    private void OfferTo(PriorityQueue<DeadLetterHead, (DateTimeOffset, int)> queue)
    {
        if (_records.TryPeek(out var next))
        {
            _time = next.Letter?.At ?? _time;
            queue.Enqueue(this, (_time, Range.Partition));
        }
        else if (!Cut)
        {
            // Read to its end. Offsets without a record may lie before it; they are nothing to come back for.
            Position = Math.Max(Position, Range.To);
        }
    }

    private DeadLetterRecord Take()
    {
        var record = _records.Dequeue();
        Position = record.Offset + 1;
        return record;
    }
}
