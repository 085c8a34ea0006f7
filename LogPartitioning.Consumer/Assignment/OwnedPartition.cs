using LogPartitioning.Consumer.Buffering;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// One partition for the time of one assignment. When the group takes it away and gives it again, that is another one of
/// these: work that was begun under the earlier assignment cannot pass for work of the later.
/// </summary>
internal sealed class OwnedPartition(int partition)
{
    private readonly Lock _lock = new();
    private PartitionState _state = PartitionState.Claiming;

    /// <summary>The partition's number.</summary>
    public int Partition => partition;

    /// <summary>Where it stands.</summary>
    public PartitionState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>The epoch of the claim; 0 before it.</summary>
    public long Epoch { get; private set; }

    /// <summary>What the store holds: the offset of the next record to store. Moved by the writer, after its commit.</summary>
    public long StoredPosition { get; private set; }

    /// <summary>The offset of the next record to read. Moved by the poll loop alone.</summary>
    public long ReadPosition { get; private set; }

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

    /// <summary>Read and not yet taken by the writer. Belongs to the buffer and its lock.</summary>
    public Queue<BufferedRecord> Waiting { get; } = new();

    /// <summary>Taken by the writer and not yet done. Belongs to the buffer and its lock.</summary>
    public int InFlight { get; set; }

    /// <summary>Since when the buffer holds nothing of it; null while it does. Belongs to the buffer and its lock.</summary>
    public long? EmptySince { get; set; }

    /// <summary>Whether the client has been told to stop fetching it. Belongs to the poll loop.</summary>
    public bool FetchingPaused { get; set; }

    /// <summary>Whether its records may be added to the buffer.</summary>
    public bool IsReading => State is PartitionState.Running or PartitionState.Paused;

    /// <summary>Whether its records may be stored.</summary>
    public bool IsWritable => State is PartitionState.Positioning or PartitionState.Running or PartitionState.Paused or PartitionState.Draining or PartitionState.Halted;

    /// <summary>Takes over what the store granted.</summary>
    /// <returns>False when the assignment ended while the claim was on its way.</returns>
    public bool Grant(PartitionClaim claim)
    {
        lock (_lock)
        {
            if (_state != PartitionState.Claiming)
            {
                return false;
            }
            Epoch = claim.Epoch;
            StoredPosition = claim.NextOffset;
            ReadPosition = claim.NextOffset;
            PreviousBatchAt = claim.LastBatchAt;
            _state = PartitionState.Positioning;
            return true;
        }
    }

    /// <summary>Moves on to a state, if the present one allows it.</summary>
    /// <returns>Whether it did.</returns>
    public bool TryMoveTo(PartitionState next)
    {
        lock (_lock)
        {
            if (!IsAllowed(_state, next))
            {
                return false;
            }
            _state = next;
            return true;
        }
    }

    /// <summary>The client is to be set to <see cref="ReadPosition"/> again.</summary>
    public void TryReposition() => TryMoveTo(PartitionState.Positioning);

    /// <summary>A write was refused.</summary>
    public void Fence(FencedPartition fenced)
    {
        lock (_lock)
        {
            if (IsAllowed(_state, PartitionState.Fenced))
            {
                _state = PartitionState.Fenced;
                Fences++;
                PositionAtFence = fenced.NextOffset ?? StoredPosition;
            }
        }
    }

    /// <summary>A record was read.</summary>
    public void MoveRead(long next) => ReadPosition = next;

    /// <summary>A batch was written.</summary>
    public void MoveStored(long next, int stored, DateTimeOffset at)
    {
        StoredPosition = next;
        Stored += stored;
        LastBatchAt = at;
    }

    internal static bool IsAllowed(PartitionState from, PartitionState to) => (from, to) switch
    {
        (PartitionState.Released or PartitionState.Lost, _) => false,
        (_, PartitionState.Lost) => true,
        (PartitionState.Draining, PartitionState.Released or PartitionState.Fenced) => true,
        (PartitionState.Draining, _) => false,
        (_, PartitionState.Draining) => true,
        (PartitionState.Positioning, PartitionState.Running) => true,
        (PartitionState.Positioning, PartitionState.Fenced) => true,
        (PartitionState.Running, PartitionState.Paused or PartitionState.Positioning or PartitionState.Fenced or PartitionState.Halted) => true,
        (PartitionState.Paused, PartitionState.Running or PartitionState.Positioning or PartitionState.Fenced or PartitionState.Halted) => true,
        (PartitionState.Halted, PartitionState.Fenced) => true,
        (PartitionState.Fenced, PartitionState.Claiming or PartitionState.Released) => true,
        _ => false,
    };
}
