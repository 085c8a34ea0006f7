namespace LogPartitioning.Consumer.Assignment;

/// <summary>Where an assigned partition stands.</summary>
internal enum PartitionState
{
    /// <summary>Assigned by the group, not yet granted by the store. Nothing is read.</summary>
    Claiming,

    /// <summary>Granted; the client must still be set to the position that the store told.</summary>
    Positioning,

    /// <summary>Records are read and stored.</summary>
    Running,

    /// <summary>Not read because the buffer is full; storing goes on.</summary>
    Paused,

    /// <summary>
    /// Not read until an operator decides: the log is not the one that was stored, too much of it is refused, or an operator
    /// has paused it. What was read before is still stored, but for what a pause has fenced.
    /// </summary>
    Halted,

    /// <summary>A write was refused: the store knows another owner or another position. It is claimed again only when the group confirms that it is ours.</summary>
    Fenced,

    /// <summary>Revoked: what has been read is still stored, nothing more is read.</summary>
    Draining,

    /// <summary>Given back in good order. Final.</summary>
    Released,

    /// <summary>The group gave it to somebody else while we did not answer. Final; nothing of it is stored or committed any more.</summary>
    Lost,
}

/// <summary>What happens to an assigned partition.</summary>
internal enum PartitionEvent
{
    /// <summary>The store granted the claim.</summary>
    Granted,

    /// <summary>The client reads from the position that the store told.</summary>
    Positioned,

    /// <summary>The buffer is full.</summary>
    BufferFull,

    /// <summary>The buffer has room again.</summary>
    BufferFree,

    /// <summary>The client reads from another place than it should.</summary>
    Misplaced,

    /// <summary>The log is another one, or ends before the position; or too many records are refused.</summary>
    Stopped,

    /// <summary>The store refused a write.</summary>
    Refused,

    /// <summary>The brokers took a commit: the group still counts us as the owner.</summary>
    OwnershipConfirmed,

    /// <summary>An operator has it read again whose pause the claim had told of.</summary>
    Lifted,

    /// <summary>The group gives it to somebody else and waits for us.</summary>
    Revoked,

    /// <summary>What was read is stored, or the time for that is over.</summary>
    Drained,

    /// <summary>The group gave it to somebody else and did not wait.</summary>
    Lost,
}

/// <summary>The life of a partition for the time of one assignment: the one table of what may follow what.</summary>
internal static class PartitionLife
{
    /// <summary>Which state an event leads to; null where it changes nothing, because it came too late or does not matter.</summary>
    public static PartitionState? Next(this PartitionState state, PartitionEvent happened) => (state, happened) switch
    {
        (PartitionState.Claiming, PartitionEvent.Granted) => PartitionState.Positioning,
        (PartitionState.Positioning, PartitionEvent.Positioned) => PartitionState.Running,
        (PartitionState.Running, PartitionEvent.BufferFull) => PartitionState.Paused,
        (PartitionState.Paused, PartitionEvent.BufferFree) => PartitionState.Running,
        (PartitionState.Running or PartitionState.Paused, PartitionEvent.Misplaced) => PartitionState.Positioning,
        (PartitionState.Claiming or PartitionState.Positioning or PartitionState.Running or PartitionState.Paused, PartitionEvent.Stopped) => PartitionState.Halted,
        // A refusal while it drains leaves nothing to drain: it is not claimed again.
        (PartitionState.Draining, PartitionEvent.Drained or PartitionEvent.Refused) => PartitionState.Released,
        (_, PartitionEvent.Refused) when state.IsWritable() => PartitionState.Fenced,
        (PartitionState.Fenced, PartitionEvent.OwnershipConfirmed) => PartitionState.Claiming,
        (PartitionState.Halted, PartitionEvent.Lifted) => PartitionState.Claiming,
        (not PartitionState.Draining, PartitionEvent.Revoked) when !state.IsOver() => PartitionState.Draining,
        (_, PartitionEvent.Lost) when !state.IsOver() => PartitionState.Lost,
        _ => null,
    };

    /// <summary>Whether its records are read.</summary>
    public static bool IsReading(this PartitionState state) => state is PartitionState.Running or PartitionState.Paused;

    /// <summary>Whether what was read of it may be stored.</summary>
    public static bool IsWritable(this PartitionState state) =>
        state is PartitionState.Positioning or PartitionState.Running or PartitionState.Paused or PartitionState.Draining or PartitionState.Halted;

    /// <summary>Whether the assignment is over.</summary>
    public static bool IsOver(this PartitionState state) => state is PartitionState.Released or PartitionState.Lost;
}
