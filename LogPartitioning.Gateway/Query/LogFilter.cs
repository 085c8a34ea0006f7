using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.Query;

/// <summary>Which stored events to read. All conditions hold together; what is null does not count.</summary>
internal sealed record LogFilter
{
    /// <summary>The largest <see cref="Limit"/>.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Events of this source alone, all its keys merged.</summary>
    public string? Source { get; init; }

    /// <summary>Events of this level alone.</summary>
    public Severity? Level { get; init; }

    /// <summary>Events at least this severe.</summary>
    public Severity? MinLevel { get; init; }

    /// <summary>Events whose timestamp is this or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Events whose timestamp is before this.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Events whose message contains this text, upper and lower case alike; no wildcards.</summary>
    public string? Contains { get; init; }

    /// <summary>How many events at most, 1 to <see cref="MaxLimit"/>. Large ones make a page shorter.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Where the page before ended; null for the first page.</summary>
    public OffsetsCursor? After { get; init; }
}

/// <summary>An event with the place of its record.</summary>
/// <param name="Event">The event as it was accepted.</param>
/// <param name="Key">The key it was sent under: the source, or one of a split source's keys.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Log">Which of the partition's logs: a topic that is created again starts another one.</param>
/// <param name="Offset">The offset of its record.</param>
/// <param name="StoredAt">When its batch was written, by the clock of the database.</param>
internal sealed record StoredLogEvent(LogEvent Event, string Key, int Partition, short Log, long Offset, DateTimeOffset StoredAt)
{
    /// <summary>Its place in the stream of its partition, over all of the partition's logs: what a cursor holds.</summary>
    public long Place => PlaceOf(Log, Offset);

    /// <summary>Log and offset as one number. The first log's places are its offsets.</summary>
    public static long PlaceOf(short log, long offset) => ((log - 1L) << OffsetBits) | offset;

    /// <summary>The log of a place.</summary>
    public static short LogOf(long place) => (short)((place >> OffsetBits) + 1);

    /// <summary>The offset of a place.</summary>
    public static long OffsetOf(long place) => place & ((1L << OffsetBits) - 1);

    // A partition that takes a million records a second is full after nine years; a topic can be created again 32,000 times.
    private const int OffsetBits = 48;
}

/// <summary>One page of stored events, oldest first.</summary>
/// <param name="Items">The events: in offset order within each partition, the partitions merged by timestamp.</param>
/// <param name="Next">Where the next page starts; null when nothing is left.</param>
/// <param name="Bytes">About how many bytes of text it holds, at most <see cref="LogQuery.MaxPageBytes"/> unless it is one event.</param>
internal sealed record LogPage(IReadOnlyList<StoredLogEvent> Items, OffsetsCursor? Next, long Bytes);
