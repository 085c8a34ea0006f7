namespace LogPartitioning.Consumer.Storage;

/// <summary>Where an event is stored: the primary key of its row.</summary>
/// <param name="Timestamp">The event's time, which names the day.</param>
/// <param name="Partition">The partition of its record.</param>
/// <param name="Log">Which of the partition's logs.</param>
/// <param name="Offset">The offset of its record.</param>
internal readonly record struct EventPlace(DateTime Timestamp, int Partition, short Log, long Offset)
{
    /// <summary>Whether the other one is of the same record. The timestamp says nothing about that: the record has one.</summary>
    public bool IsSameRecord(EventPlace other) => (Partition, Log, Offset) == (other.Partition, other.Log, other.Offset);
}
