using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// One partition for the time of one assignment, as <see cref="PartitionLife"/> has it. When the group takes it away and
/// gives it again, that is another one of these: work that was begun under the earlier assignment cannot pass for work of
/// the later. Nothing but the methods below changes it.
/// </summary>
internal sealed class OwnedPartition(int partition)
{
    private readonly Lock _lock = new();
    private volatile PartitionState _state = PartitionState.Claiming;
    private volatile bool _sealed;

    /// <summary>The partition's number.</summary>
    public int Partition => partition;

    /// <summary>Where it stands.</summary>
    public PartitionState State => _state;

    /// <summary>The epoch of the claim; 0 before it.</summary>
    public long Epoch { get; private set; }

    /// <summary>What the store holds: the offset of the next record to store. Moved by the writer, after its commit.</summary>
    public long StoredPosition { get; private set; }

    /// <summary>The offset of the next record to read. Moved by the poll loop alone.</summary>
    public long ReadPosition { get; private set; }

    /// <summary>The topic that the position is of; null where the brokers have no ids for topics.</summary>
    public string? TopicId { get; private set; }

    /// <summary>Which of the partition's logs the position is of.</summary>
    public short Log { get; private set; } = 1;

    /// <summary>Why it is halted; null while it is not.</summary>
    public PartitionHalt? HaltReason { get; private set; }

    /// <summary>Whether what was read may be stored.</summary>
    public bool IsWritable => _state.IsWritable() && !_sealed;

    /// <summary>How many of its last records are no events.</summary>
    public RefusalWindow Refusals { get; } = new();

    /// <summary>How many of its last events the database refused for their content.</summary>
    public RefusalWindow StoreRefusals { get; } = new();

    /// <summary>Records before this offset are set aside, however many of them are refused.</summary>
    public long PassingUntil { get; private set; }

    /// <summary>When the previous owner's last batch was written, by the clock of the database.</summary>
    public DateTimeOffset? PreviousBatchAt { get; private set; }

    /// <summary>When the last batch was written under this assignment, by the clock of the database.</summary>
    public DateTimeOffset? LastBatchAt { get; private set; }

    /// <summary>Events stored under this assignment.</summary>
    public long Stored { get; private set; }

    /// <summary>How often a write was refused under this assignment.</summary>
    public int Fences { get; private set; }

    /// <summary>What the store held when a write was refused.</summary>
    public long PositionAtFence { get; private set; }

    /// <summary>The store granted the claim; where it says that the partition is halted, that is what it is then.</summary>
    /// <returns>False when the assignment ended while the claim was on its way.</returns>
    public bool Grant(PartitionClaim claim) => On(claim.Halt is null ? PartitionEvent.Granted : PartitionEvent.Stopped, () =>
    {
        Epoch = claim.Epoch;
        StoredPosition = claim.NextOffset;
        ReadPosition = claim.NextOffset;
        PreviousBatchAt = claim.LastBatchAt;
        (TopicId, Log, HaltReason, PassingUntil) = (claim.TopicId, claim.Log, claim.Halt, claim.PassingUntil);
        // What was read under an earlier claim and not stored is read again, and must not count twice.
        Refusals.Clear();
        StoreRefusals.Clear();
    });

    /// <summary>The client reads from <see cref="ReadPosition"/> now.</summary>
    public bool StartReading() => On(PartitionEvent.Positioned);

    /// <summary>The client must be set to <see cref="ReadPosition"/> again.</summary>
    public bool Reposition() => On(PartitionEvent.Misplaced);

    /// <summary>The buffer is full.</summary>
    public bool Pause() => On(PartitionEvent.BufferFull);

    /// <summary>The buffer has room again.</summary>
    public bool Resume() => On(PartitionEvent.BufferFree);

    /// <summary>Nothing more is read of it.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="dropRead">Whether what was read is not stored either: the next one is to begin with a record among it.</param>
    public bool Halt(PartitionHalt reason, bool dropRead = false) => On(PartitionEvent.Stopped, () =>
    {
        HaltReason = reason;
        _sealed = dropRead;
    });

    /// <summary>The store refused a write.</summary>
    public bool Fence(FencedPartition fenced) => On(PartitionEvent.Refused, () =>
    {
        Fences++;
        PositionAtFence = fenced.NextOffset ?? StoredPosition;
    });

    /// <summary>The group still counts us as the owner: it may be claimed again.</summary>
    public bool ClaimAgain() => On(PartitionEvent.OwnershipConfirmed);

    /// <summary>
    /// An operator has it read again: it may be claimed. Only after a pause, of which the claim itself tells, so that nothing was read under it.
    /// </summary>
    public bool LiftPause() => HaltReason is { IsPause: true } && On(PartitionEvent.Lifted, () => Fences = 0);

    /// <summary>The group gives it to somebody else and waits for us.</summary>
    public bool Drain() => On(PartitionEvent.Revoked);

    /// <summary>What was read is stored, or the time for that is over.</summary>
    public bool Release() => On(PartitionEvent.Drained);

    /// <summary>The group gave it to somebody else and did not wait.</summary>
    public bool Lose() => On(PartitionEvent.Lost);

    /// <summary>A record was read.</summary>
    public void MoveRead(long next) => ReadPosition = next;

    /// <summary>A batch was written.</summary>
    public void MoveStored(long next, int stored, DateTimeOffset at)
    {
        StoredPosition = next;
        Stored += stored;
        LastBatchAt = at;
    }

    /// <returns>Whether the event changed the state.</returns>
    private bool On(PartitionEvent happened, Action? change = null)
    {
        lock (_lock)
        {
            if (_state.Next(happened) is not { } next)
            {
                return false;
            }
            change?.Invoke();
            _state = next;
            return true;
        }
    }
}
