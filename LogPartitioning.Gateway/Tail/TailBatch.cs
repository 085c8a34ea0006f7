using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.Tail;

/// <summary>What came in the last second or so.</summary>
/// <param name="Events">Those that were looked at, by the order in which the brokers have them within a partition.</param>
/// <param name="Arrived">How many records came.</param>
/// <param name="Seconds">In how long.</param>
/// <param name="Problem">Why nothing can be said of that time; null when it can.</param>
internal sealed record TailBatch(IReadOnlyList<TailEvent> Events, long Arrived, double Seconds, string? Problem = null);

/// <summary>An event that the brokers have. It need not be stored yet.</summary>
/// <param name="Event">The event.</param>
/// <param name="Key">The key it was sent under.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">The offset of its record.</param>
internal sealed record TailEvent(LogEvent Event, string Key, int Partition, long Offset);
