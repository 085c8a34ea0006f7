using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.Query;

/// <summary>Where an event stands in the order of reading: by its timestamp, then by where the brokers hold its record.</summary>
/// <param name="Timestamp">The event's own, in UTC.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Log">Which of the partition's logs: a topic that is created again starts another one.</param>
/// <param name="Offset">The offset of its record.</param>
internal readonly record struct LogPlace(DateTime Timestamp, int Partition, short Log, long Offset);

/// <summary>An event with the place of its record.</summary>
/// <param name="Event">The event as it was accepted.</param>
/// <param name="Key">The key it was sent under: the source, or one of a split source's keys.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Log">Which of the partition's logs: a topic that is created again starts another one.</param>
/// <param name="Offset">The offset of its record.</param>
/// <param name="StoredAt">When its batch was written, by the clock of the database.</param>
internal sealed record StoredLogEvent(LogEvent Event, string Key, int Partition, short Log, long Offset, DateTimeOffset StoredAt)
{
    /// <summary>Where it stands in the order of reading: what a cursor holds.</summary>
    public LogPlace Place => new(Event.Timestamp.UtcDateTime, Partition, Log, Offset);
}

/// <summary>One page of stored events.</summary>
/// <param name="Items">The events, in the order that was asked for.</param>
/// <param name="Next">Where the next page starts; null when nothing is left.</param>
/// <param name="Bytes">About how many bytes of text it holds, at most <see cref="LogQuery.MaxPageBytes"/> unless it is one event.</param>
internal sealed record LogPage(IReadOnlyList<StoredLogEvent> Items, LogCursor? Next, long Bytes);
