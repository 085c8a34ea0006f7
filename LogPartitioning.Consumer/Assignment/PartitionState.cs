namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// Where an assigned partition stands.
/// <code>
/// assigned → Claiming → Positioning → Running ⇄ Paused        revoked: any → Draining → Released
///               ↑                        │                    lost:    any → Lost
///               └─────── Fenced ←────────┘                    the log does not fit the store: Running, Paused → Halted
///                                                             a write is refused: any that stores → Fenced
/// </code>
/// </summary>
internal enum PartitionState
{
    /// <summary>Assigned by the group, not yet granted by the store. Nothing is read.</summary>
    Claiming,

    /// <summary>Granted; the client must still be set to the position that the store told.</summary>
    Positioning,

    /// <summary>Records are read and stored.</summary>
    Running,

    /// <summary>Reading rests because the buffer is full; storing goes on.</summary>
    Paused,

    /// <summary>Revoked: what has been read is still stored, nothing more is read.</summary>
    Draining,

    /// <summary>Given back in good order. Final.</summary>
    Released,

    /// <summary>A write was refused: the store knows another owner or another position. Whether the group still counts us in must be found out before it is claimed again.</summary>
    Fenced,

    /// <summary>The group gave it to somebody else while we did not answer. Final; nothing of it is stored or committed any more.</summary>
    Lost,

    /// <summary>The log ends before the stored position: it is another log than the one that was stored. An operator must decide.</summary>
    Halted,
}
