using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.Audit;

/// <summary>A record that the brokers have acknowledged and that the group has gone past, and what became of its event.</summary>
/// <param name="Event">The event.</param>
/// <param name="Key">The key of its record: the unit of order.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Log">Which of the partition's logs.</param>
/// <param name="Offset">Its offset.</param>
internal sealed record AuditedRecord(LogEvent Event, string Key, int Partition, short Log, long Offset)
{
    /// <summary>What was found.</summary>
    public AuditOutcome Outcome { get; set; } = AuditOutcome.Missing;

    /// <summary>When it came to the brokers; null where they do not tell.</summary>
    public DateTimeOffset? AppendedAt { get; init; }

    /// <summary>Whether its event's time is the sender's own, and not when the event came.</summary>
    public bool HasSentTimestamp { get; init; }

    /// <summary>When its row was written; null where it has none of its own.</summary>
    public DateTime? StoredAt { get; set; }
}

/// <summary>What became of an acknowledged record.</summary>
internal enum AuditOutcome
{
    /// <summary>It is in the store nowhere, and no dead letter: what must not be.</summary>
    Missing,

    /// <summary>It is in the store, at its place.</summary>
    Stored,

    /// <summary>Its event is in the store at another place: a client sent it again, and it is stored once.</summary>
    Duplicate,

    /// <summary>It was set aside.</summary>
    DeadLetter,

    /// <summary>An operator moved the group past it, which is on record.</summary>
    Skipped,

    /// <summary>It is older than it, or its id, is kept: whether it was stored can no longer be told.</summary>
    Expired,
}
