using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>The oldest dead letters of one partition that a page may take, and how several partitions become one page.</summary>
internal sealed class DeadLetterHead
{
    private readonly LinkedList<(DeadLetterRecord Record, DateTimeOffset Turn)> _records = new();
    // A letter waits for those before it in its partition, so its turn comes with the latest time up to it. A record that is no
    // envelope has no time of its own; it keeps its place behind the one before it.
    private DateTimeOffset _turn = DateTimeOffset.MinValue;

    public DeadLetterHead(OffsetRange range)
    {
        Range = range;
        Position = range.From;
    }

    public OffsetRange Range { get; }

    /// <summary>Where this partition goes on after the page.</summary>
    public long Position { get; private set; }

    /// <summary>Set when not all of the range is held: what follows the last record here is not known, or was left out again.</summary>
    public bool Cut { get; set; }

    public int Count => _records.Count;

    public void Add(DeadLetterRecord record)
    {
        _turn = record.Letter is { } letter && letter.At > _turn ? letter.At : _turn;
        _records.AddLast((record, _turn));
    }

    /// <summary>Goes by a record that the page does not ask for. Its time counts: what comes after it still waits for it.</summary>
    public void Skip(DeadLetterRecord record)
    {
        _turn = record.Letter is { } letter && letter.At > _turn ? letter.At : _turn;
        if (Count == 0)
        {
            // Else it is read again after the ones before it, which the page may not come to.
            Position = record.Offset + 1;
        }
    }

    /// <summary>Of all heads the record whose turn is last is let go, so that what stays is what a page needs first.</summary>
    /// <returns>Whose it was, and its size.</returns>
    public static (DeadLetterHead Head, int Bytes) DropLast(IEnumerable<DeadLetterHead> heads)
    {
        var head = heads.Where(h => h.Count > 0).MaxBy(h => (h._records.Last!.Value.Turn, h.Range.Partition))!;
        var (record, turn) = head._records.Last!.Value;
        head._records.RemoveLast();
        head._turn = turn;
        head.Cut = true;
        return (head, record.Bytes);
    }

    /// <summary>Takes the oldest head again and again, until the page is full or a partition's next record is not here.</summary>
    public static DeadLetterPage Merge(IReadOnlyList<DeadLetterHead> heads, int limit)
    {
        var queue = new PriorityQueue<DeadLetterHead, (DateTimeOffset Turn, int Partition)>();
        foreach (var head in heads)
        {
            head.OfferTo(queue);
        }
        var items = new List<DeadLetterRecord>();
        while (items.Count < limit && queue.TryDequeue(out var head, out _) && head.Count > 0)
        {
            items.Add(head.Take());
            head.OfferTo(queue);
        }
        return heads.Any(h => h.Position < h.Range.To)
            ? new DeadLetterPage(items, new OffsetsCursor(heads.Select(h => KeyValuePair.Create(h.Range.Partition, h.Position))))
            : new DeadLetterPage(items, null);
    }

    private void OfferTo(PriorityQueue<DeadLetterHead, (DateTimeOffset, int)> queue)
    {
        if (_records.First is { } next)
        {
            queue.Enqueue(this, (next.Value.Turn, Range.Partition));
        }
        else if (Cut)
        {
            // There is more of it, from this turn on or later: the page must not go beyond.
            queue.Enqueue(this, (_turn, Range.Partition));
        }
        else
        {
            // Read to its end. Offsets without a record may lie before it; they are nothing to come back for.
            Position = Math.Max(Position, Range.To);
        }
    }

    private DeadLetterRecord Take()
    {
        var record = _records.First!.Value.Record;
        _records.RemoveFirst();
        Position = record.Offset + 1;
        return record;
    }
}
