using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// Measures the rebalances of a worker. The pause of a moved partition is known only when its first batch is stored, so
/// an entry is recorded at once and completed later.
/// </summary>
internal sealed class RebalanceRecorder(
    string instance, int worker, string group, Action<RebalanceEvent> record, ConsumerMetrics metrics, TimeProvider time)
{
    /// <summary>A partition whose first batch comes later than this after its claim had nothing to read: there is no pause to tell.</summary>
    private static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<OwnedPartition, (Guid Rebalance, long Since)> _awaitingFirstBatch = [];
    private readonly Dictionary<Guid, RebalanceEvent> _incomplete = [];
    private bool _assignedBefore;
    private bool _handedBack;

    /// <summary>How many rebalances wait for the first batch of a partition that they have moved.</summary>
    internal int Incomplete
    {
        get
        {
            lock (_lock)
            {
                return _incomplete.Count;
            }
        }
    }

    /// <summary>Partitions were assigned.</summary>
    public void Assigned(IReadOnlyCollection<OwnedPartition> gained, IReadOnlyList<PartitionPause> kept, DateTimeOffset at, TimeSpan took)
    {
        var entry = Entry(CauseOfGain(), kept, at, took) with
        {
            Gained = [.. gained.Select(p => p.Partition).Order()],
        };
        (_assignedBefore, _handedBack) = (true, false);
        metrics.Rebalanced(RebalanceKind.Assigned, took);
        foreach (var partition in gained)
        {
            metrics.Owned(partition.Partition);
        }
        Forget(gained);
        lock (_lock)
        {
            // One that moves nothing here waits for nothing, and would be kept for ever.
            if (gained.Count > 0)
            {
                _incomplete[entry.Id] = entry;
            }
            foreach (var partition in gained)
            {
                _awaitingFirstBatch[partition] = (entry.Id, time.GetTimestamp());
            }
        }
        record(entry);
    }

    /// <summary>Partitions were revoked and let go, for a cause of <see cref="RebalanceCause"/>.</summary>
    public void Revoked(IReadOnlyCollection<OwnedPartition> givenUp, string cause, IReadOnlyList<PartitionPause> kept, long drained, long dropped, DateTimeOffset at, TimeSpan took)
    {
        Forget(givenUp);
        metrics.Rebalanced(RebalanceKind.Revoked, took);
        _handedBack |= cause == RebalanceCause.Balance;
        record(Entry(cause, kept, at, took) with
        {
            GivenUp = [.. givenUp.Select(p => p.Partition).Order()],
            Drained = drained,
            Dropped = dropped,
        });
    }

    /// <summary>Partitions were lost.</summary>
    public void Lost(IReadOnlyCollection<OwnedPartition> lost, long dropped, DateTimeOffset at, TimeSpan took)
    {
        Forget(lost);
        metrics.Rebalanced(RebalanceKind.Lost, took);
        record(Entry(RebalanceCause.Lost, [], at, took) with { GivenUp = [.. lost.Select(p => p.Partition).Order()], Dropped = dropped });
    }

    /// <summary>A batch was stored: the first one after a claim ends the partition's pause.</summary>
    public void BatchStored(OwnedPartition partition, DateTimeOffset at)
    {
        RebalanceEvent completed;
        lock (_lock)
        {
            if (_awaitingFirstBatch.Count == 0 || !_awaitingFirstBatch.Remove(partition, out var awaited)
                || !_incomplete.TryGetValue(awaited.Rebalance, out var entry))
            {
                return;
            }
            // Both times are the database's: no difference of clocks between the owners gets in.
            if (partition.PreviousBatchAt is not { } previous || time.GetElapsedTime(awaited.Since) > IdleAfter)
            {
                DropIfComplete(entry.Id);
                return;
            }
            var ms = Math.Round(Math.Max(0, (at - previous).TotalMilliseconds), 3);
            completed = entry with { Pauses = [.. entry.Pauses.Append(new(partition.Partition, ms)).OrderBy(p => p.Partition)] };
            _incomplete[entry.Id] = completed;
            DropIfComplete(entry.Id);
        }
        record(completed);
    }

    private string CauseOfGain() => (_assignedBefore, _handedBack) switch
    {
        (false, _) => RebalanceCause.First,
        (_, true) => RebalanceCause.Balance,
        // More partitions than before, without having joined: some member has gone.
        _ => RebalanceCause.Leave,
    };

    private RebalanceEvent Entry(string cause, IReadOnlyList<PartitionPause> kept, DateTimeOffset at, TimeSpan took) => new()
    {
        Id = Guid.CreateVersion7(at),
        At = at,
        Instance = instance,
        Worker = worker,
        Group = group,
        Cause = cause,
        Gained = [],
        GivenUp = [],
        Kept = [.. kept.Select(p => p.Partition)],
        DurationMs = Math.Round(took.TotalMilliseconds, 3),
        Pauses = kept,
    };

    private void Forget(IEnumerable<OwnedPartition> partitions)
    {
        lock (_lock)
        {
            foreach (var partition in partitions)
            {
                if (_awaitingFirstBatch.Remove(partition, out var awaited))
                {
                    DropIfComplete(awaited.Rebalance);
                }
            }
        }
    }

    private void DropIfComplete(Guid rebalance)
    {
        if (!_awaitingFirstBatch.Values.Any(a => a.Rebalance == rebalance))
        {
            _incomplete.Remove(rebalance);
        }
    }
}
