using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Buffering;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Consumer.Rebalancing;

/// <summary>
/// What a worker does when the group moves partitions. The client calls it from within a poll, on the poll thread, and
/// goes on when it returns: so it blocks, by design and within bounds. Meanwhile the writer goes on with the partitions
/// that stay, from the buffer.
/// </summary>
internal sealed class RebalanceHandler(
    string topic,
    WorkerAssignment assignment,
    PartitionClaims claims,
    BatchBuffer buffer,
    OffsetCommitter committer,
    RebalanceRecorder recorder,
    ConsumerOptions options,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan CommitPatience = TimeSpan.FromSeconds(3);

    /// <summary>Why the worker leaves the group, one of <see cref="RebalanceCause"/>; null while it stays.</summary>
    public string? Leaving { get; set; }

    /// <summary>Whether a callback is running.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Partitions are ours: claim them.</summary>
    /// <returns>Where to start reading each. A partition that the store has not granted starts anywhere; its records are ignored until it has.</returns>
    public IEnumerable<TopicPartitionOffset> Assigned(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartition> partitions)
    {
        using var _ = Activity();
        var at = time.GetUtcNow();
        var started = time.GetTimestamp();
        var kept = Keepers([]);
        var gained = partitions.Select(p => new OwnedPartition(p.Partition.Value)).ToList();
        // The bound is ClaimTimeout; the wait is the poll thread's, which has nothing else to do now.
        claims.ClaimAsync(gained, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var partition in gained)
        {
            // The client starts where we say below: nothing left to set.
            partition.TryMoveTo(PartitionState.Running);
        }
        assignment.Add(gained);

        var took = time.GetElapsedTime(started);
        if (gained.Count > 0)
        {
            recorder.Assigned(gained, PausesOf(consumer, kept, started), at, took);
            log.Assigned(string.Join(", ", gained.Select(p => p.Partition).Order()), took.TotalMilliseconds, assignment.Partitions.Count);
        }
        return gained.Select(p => new TopicPartitionOffset(topic, p.Partition, p.State == PartitionState.Running ? p.ReadPosition : Offset.End));
    }

    /// <summary>Partitions go to somebody else: finish what has been read of them, commit, let go.</summary>
    public void Revoked(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartitionOffset> partitions)
    {
        using var _ = Activity();
        var at = time.GetUtcNow();
        var started = time.GetTimestamp();
        var numbers = partitions.Select(p => p.Partition.Value).ToHashSet();
        var leaving = assignment.Partitions.Values.Where(p => numbers.Contains(p.Partition)).ToList();
        var kept = Keepers(numbers);
        var storedBefore = leaving.Sum(p => p.Stored);

        leaving.ForEach(p => p.TryMoveTo(PartitionState.Draining));
        buffer.Hurry();
        if (!buffer.WaitUntilEmpty(leaving, options.DrainBudget))
        {
            log.DrainTimedOut(options.DrainBudget.TotalSeconds, leaving.Sum(buffer.CountOf));
        }
        // Whatever was tried: this is what the next owner reads a second time.
        var dropped = leaving.Sum(buffer.CountOf);
        CommitTheLast(numbers);
        LeaveUnpaused(consumer, leaving);
        Release(leaving);

        var took = time.GetElapsedTime(started);
        if (leaving.Count > 0)
        {
            var drained = leaving.Sum(p => p.Stored) - storedBefore;
            recorder.Revoked(leaving, Leaving ?? RebalanceCause.Join, PausesOf(consumer, kept, started), drained, dropped, at, took);
            log.Revoked(string.Join(", ", numbers.Order()), took.TotalMilliseconds, drained, assignment.Partitions.Count);
        }
    }

    /// <summary>The group gave us up; others may have claimed already: drop everything, commit nothing.</summary>
    public void Lost(IConsumer<byte[]?, byte[]?> consumer, List<TopicPartitionOffset> partitions)
    {
        using var _ = Activity();
        var at = time.GetUtcNow();
        var started = time.GetTimestamp();
        var numbers = partitions.Select(p => p.Partition.Value).ToList();
        LeaveUnpaused(consumer, assignment.Partitions.Values.Where(p => numbers.Contains(p.Partition)));
        LoseAll(numbers, at, started);
    }

    /// <summary>The client itself failed: as if all had been lost.</summary>
    public void LoseAll() => LoseAll(assignment.Partitions.Keys, time.GetUtcNow(), time.GetTimestamp());

    private void LoseAll(IEnumerable<int> partitions, DateTimeOffset at, long started)
    {
        var lost = assignment.Remove(partitions);
        if (lost.Count == 0)
        {
            return;
        }
        var dropped = 0;
        foreach (var partition in lost)
        {
            partition.TryMoveTo(PartitionState.Lost);
            dropped += buffer.Discard(partition);
            committer.Forget(partition.Partition);
        }
        recorder.Lost(lost, dropped, at, time.GetElapsedTime(started));
        log.Lost(string.Join(", ", lost.Select(p => p.Partition).Order()), dropped);
    }

    /// <summary>
    /// The client keeps a partition's pause beyond the assignment that it was made in: when the partition comes back to
    /// this worker, nothing would be fetched of it, ever.
    /// </summary>
    private void LeaveUnpaused(IConsumer<byte[]?, byte[]?> consumer, IEnumerable<OwnedPartition> partitions)
    {
        foreach (var partition in partitions.Where(p => p.FetchingPaused))
        {
            try
            {
                consumer.Resume([new TopicPartition(topic, partition.Partition)]);
                partition.FetchingPaused = false;
            }
            catch (KafkaException e)
            {
                log.ClientRefused("resume", e.Error.Reason);
            }
        }
    }

    /// <summary>The last positions go to the brokers before the partitions do; the next owner would repeat it if this fails.</summary>
    private void CommitTheLast(HashSet<int> partitions)
    {
        try
        {
            using var patience = new CancellationTokenSource(CommitPatience, time);
            if (committer.CommitAsync(partitions.Contains, patience.Token).WaitAsync(patience.Token).GetAwaiter().GetResult() is { } failure)
            {
                log.CommitFailed(failure);
            }
        }
        catch (OperationCanceledException)
        {
            log.CommitFailed($"no answer within {CommitPatience.TotalSeconds:0} s");
        }
    }

    private void Release(List<OwnedPartition> leaving)
    {
        assignment.Remove(leaving.Select(p => p.Partition));
        foreach (var partition in leaving)
        {
            partition.TryMoveTo(PartitionState.Released);
            buffer.Discard(partition);
            committer.Forget(partition.Partition);
        }
    }

    private List<OwnedPartition> Keepers(HashSet<int> leaving) =>
        [.. assignment.Partitions.Values.Where(p => p.IsReading && !leaving.Contains(p.Partition))];

    /// <summary>
    /// For how long each partition that stays had nothing to work on because the poll thread was here: from when its
    /// buffer ran empty, if the client held records for it. The client keeps fetching all the while.
    /// </summary>
    private List<PartitionPause> PausesOf(IConsumer<byte[]?, byte[]?> consumer, List<OwnedPartition> kept, long started) =>
        [.. kept.Select(p => new PartitionPause(
            p.Partition,
            HasRecordsWaiting(consumer, p) ? Math.Round(buffer.EmptyFor(p, started).TotalMilliseconds, 3) : 0))];

    private bool HasRecordsWaiting(IConsumer<byte[]?, byte[]?> consumer, OwnedPartition partition)
    {
        try
        {
            // What the last fetch told: no request is made.
            return consumer.GetWatermarkOffsets(new(topic, partition.Partition)).High.Value > partition.ReadPosition;
        }
        catch (KafkaException)
        {
            return true;
        }
    }

    private Running Activity() => new(this);

    private readonly struct Running : IDisposable
    {
        private readonly RebalanceHandler _handler;

        public Running(RebalanceHandler handler)
        {
            _handler = handler;
            handler.IsActive = true;
        }

        public void Dispose() => _handler.IsActive = false;
    }
}
