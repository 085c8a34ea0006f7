using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer;

/// <summary>The rules of the store, without a database: epochs, chained positions, all or nothing.</summary>
internal sealed class MemoryStore : IPartitionStore
{
    // Workers of one group share a store.
    private readonly Lock _lock = new();
    private readonly Dictionary<int, (long Epoch, long Next, string Owner, string? TopicId, PartitionHalt? Halt, long PassingUntil)> _rows = [];
    private int _writes;
    private int _renewals;

    /// <summary>Offsets stored, by partition, in the order of writing.</summary>
    public Dictionary<int, List<long>> Stored { get; } = [];

    /// <summary>Called before each write; may throw what a database would.</summary>
    public Action<IReadOnlyList<PartitionBatch>> BeforeWrite { get; set; } = _ => { };

    /// <summary>Which events of a write have the id of another one.</summary>
    public Func<IReadOnlyList<PartitionBatch>, IReadOnlyList<IdConflict>> Conflicts { get; set; } = _ => [];

    /// <summary>Called after each write that was applied; may throw, as when a commit's answer is lost.</summary>
    public Action AfterWrite { get; set; } = () => { };

    /// <summary>Called before each claim; may throw.</summary>
    public Action BeforeClaim { get; set; } = () => { };

    public int Writes => Volatile.Read(ref _writes);

    public long PositionOf(int partition)
    {
        lock (_lock)
        {
            return _rows.GetValueOrDefault(partition).Next;
        }
    }

    /// <summary>Why a partition is halted, by what is on record.</summary>
    public PartitionHalt? HaltOf(int partition)
    {
        lock (_lock)
        {
            return _rows.GetValueOrDefault(partition).Halt;
        }
    }

    /// <summary>The epoch that a write must carry.</summary>
    public long EpochOf(int partition)
    {
        lock (_lock)
        {
            return _rows.GetValueOrDefault(partition).Epoch;
        }
    }

    /// <summary>The topic that a partition's position is of.</summary>
    public string? TopicOf(int partition)
    {
        lock (_lock)
        {
            return _rows.GetValueOrDefault(partition).TopicId;
        }
    }

    /// <summary>What an operator does about a topic that was created again: its log is read from the start.</summary>
    public void StartAgain(int partition, string? topicId)
    {
        lock (_lock)
        {
            _rows[partition] = _rows[partition] with { Epoch = _rows[partition].Epoch + 1, Next = 0, TopicId = topicId, Halt = null, PassingUntil = 0 };
        }
    }

    /// <summary>What an operator does about records that are refused: those before an offset are set aside, however many they are.</summary>
    public void SetAside(int partition, long until)
    {
        lock (_lock)
        {
            _rows[partition] = _rows[partition] with { Epoch = _rows[partition].Epoch + 1, Halt = null, PassingUntil = until };
        }
    }

    /// <summary>How often new connections were asked for.</summary>
    public int Renewals => Volatile.Read(ref _renewals);

    public void RenewConnections() => Interlocked.Increment(ref _renewals);

    public Task HaltAsync(int partition, long epoch, PartitionHalt halt, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_rows[partition].Epoch == epoch)
            {
                _rows[partition] = _rows[partition] with { Halt = halt };
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>What an operator does who wants nothing of a partition to be read.</summary>
    public void Pause(int partition)
    {
        lock (_lock)
        {
            var since = DateTimeOffset.UnixEpoch;
            _rows[partition] = _rows[partition] with { Epoch = _rows[partition].Epoch + 1, Halt = PartitionHalt.FromRecord(HaltCause.Paused, "", since) };
        }
    }

    /// <summary>What an operator does who has it read again, from the position or from another one.</summary>
    public void Resume(int partition, long? at = null)
    {
        lock (_lock)
        {
            var row = _rows[partition];
            _rows[partition] = row with { Epoch = row.Epoch + 1, Next = at ?? row.Next, Halt = null };
        }
    }

    public Task<IReadOnlyList<FencedPartition>> StandingAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<FencedPartition>>([.. partitions.Where(_rows.ContainsKey).Select(p => new FencedPartition(p, _rows[p].Owner, _rows[p].Epoch, _rows[p].Next))]);
        }
    }

    public Task<IReadOnlySet<int>> ReleasedAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<IReadOnlySet<int>>(partitions.Where(p => _rows[p].Halt is null).ToHashSet());
        }
    }

    public Task<IReadOnlyList<PartitionClaim>> ClaimAsync(
        IReadOnlyCollection<int> partitions, string owner, string? topicId, CancellationToken cancellationToken)
    {
        BeforeClaim();
        lock (_lock)
        {
            return Task.FromResult<IReadOnlyList<PartitionClaim>>(Claim(partitions, owner, topicId));
        }
    }

    private List<PartitionClaim> Claim(IReadOnlyCollection<int> partitions, string owner, string? topicId)
    {
        var claims = new List<PartitionClaim>();
        foreach (var partition in partitions)
        {
            var row = _rows.GetValueOrDefault(partition);
            var halt = row.TopicId is { } known && topicId is not null && known != topicId ? new(HaltCause.LogReplaced, "another topic") : row.Halt;
            _rows[partition] = (row.Epoch + 1, row.Next, owner, row.TopicId ?? topicId, halt, row.PassingUntil);
            claims.Add(new(partition, row.Epoch + 1, row.Next, row.Epoch == 0 ? null : StoredEvents.Start) { TopicId = row.TopicId ?? topicId, Halt = halt, PassingUntil = row.PassingUntil });
        }
        return claims;
    }

    public Task<BatchOutcome> WriteAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _writes);
        BeforeWrite(batches);
        BatchOutcome outcome;
        lock (_lock)
        {
            outcome = Write(batches);
        }
        if (outcome.Committed)
        {
            AfterWrite();
        }
        return Task.FromResult(outcome);
    }

    private BatchOutcome Write(IReadOnlyList<PartitionBatch> batches)
    {
        var unmoved = batches.Where(b => _rows[b.Partition].Epoch != b.Epoch || _rows[b.Partition].Next != b.Start).ToList();
        if (unmoved.Count > 0)
        {
            var applied = unmoved.Where(b => _rows[b.Partition].Epoch == b.Epoch && _rows[b.Partition].Next == b.End).ToList();
            return new BatchOutcome
            {
                AlreadyApplied = [.. applied.Select(b => b.Partition)],
                Fenced = [.. unmoved.Except(applied).Select(b => new FencedPartition(b.Partition, _rows[b.Partition].Owner, _rows[b.Partition].Epoch, _rows[b.Partition].Next))],
            };
        }
        if (Conflicts(batches) is { Count: > 0 } conflicts)
        {
            return new BatchOutcome { Conflicts = conflicts };
        }
        foreach (var batch in batches)
        {
            _rows[batch.Partition] = _rows[batch.Partition] with { Next = batch.End };
            (Stored.TryGetValue(batch.Partition, out var list) ? list : Stored[batch.Partition] = []).AddRange(batch.Records.Select(r => r.Offset));
        }
        return new BatchOutcome { Stored = batches.ToDictionary(b => b.Partition, b => b.Records.Count), At = StoredEvents.Start.AddSeconds(3) };
    }
}
