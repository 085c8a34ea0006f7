using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Consumer.Membership;

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
    private static readonly TimeSpan CommitTimeout = TimeSpan.FromSeconds(3);

    private volatile bool _running;

    /// <summary>What the client fetches; known once the client is built, which needs this handler.</summary>
    public FetchControl? Fetching { get; set; }

    /// <summary>Why the worker leaves the group, one of <see cref="RebalanceCause"/>; null while it stays.</summary>
    public string? Leaving { get; set; }

    /// <summary>Whether a callback is running.</summary>
    public bool IsActive => _running;

    /// <summary>Partitions are ours: claim them.</summary>
    /// <returns>Where to start reading each. A partition that the store has not granted starts anywhere; its records are ignored until it has.</returns>
    public List<TopicPartitionOffset> Assigned(List<TopicPartition> partitions) => Measured(started =>
    {
        var at = time.GetUtcNow();
        var kept = KeptWithout([]);
        var gained = partitions.Select(p => new OwnedPartition(p.Partition.Value)).ToList();
        // The bound is ClaimTimeout; the wait is the poll thread's, which has nothing else to do now.
        claims.ClaimAsync(gained, CancellationToken.None).GetAwaiter().GetResult();
        // The client starts where we say below: nothing left to set.
        gained.ForEach(p => p.StartReading());
        assignment.Add(gained);

        var took = time.GetElapsedTime(started);
        if (gained.Count > 0)
        {
            recorder.Assigned(gained, PausesOf(kept, started), at, took);
            log.Assigned(Numbers(gained), took.TotalMilliseconds, assignment.Partitions.Count);
        }
        return gained.ConvertAll(p => new TopicPartitionOffset(topic, p.Partition, p.State == PartitionState.Running ? p.ReadPosition : Offset.End));
    });

    /// <summary>Partitions go to somebody else: finish what has been read of them, commit, let go.</summary>
    public void Revoked(IEnumerable<int> partitions) => Measured(started =>
    {
        var at = time.GetUtcNow();
        var numbers = partitions.ToHashSet();
        var leaving = assignment.Partitions.Values.Where(p => numbers.Contains(p.Partition)).ToList();
        var kept = KeptWithout(numbers);
        var storedBefore = leaving.Sum(p => p.Stored);

        leaving.ForEach(p => p.Drain());
        buffer.WakeWriter();
        if (!buffer.WaitUntilEmpty(leaving, options.DrainBudget))
        {
            log.DrainTimedOut(options.DrainBudget.TotalSeconds, leaving.Sum(buffer.CountOf));
        }
        // Whatever was tried: this is what the next owner reads a second time.
        var dropped = leaving.Sum(buffer.CountOf);
        CommitFinalPositions(numbers);
        Fetching?.ResumeLeaving(numbers);
        assignment.Remove(numbers);
        foreach (var partition in leaving)
        {
            partition.Release();
            Forget(partition);
        }

        var took = time.GetElapsedTime(started);
        if (leaving.Count > 0)
        {
            var drained = leaving.Sum(p => p.Stored) - storedBefore;
            recorder.Revoked(leaving, Leaving ?? RebalanceCause.Join, PausesOf(kept, started), drained, dropped, at, took);
            log.Revoked(Numbers(leaving), took.TotalMilliseconds, drained, assignment.Partitions.Count);
        }
        return leaving.Count;
    });

    /// <summary>The group gave us up, or the client failed; others may have claimed already: drop everything, commit nothing.</summary>
    public void Lost(IEnumerable<int> partitions) => Measured(started =>
    {
        var at = time.GetUtcNow();
        var lost = assignment.Remove(partitions);
        Fetching?.ResumeLeaving(lost.Select(p => p.Partition));
        var dropped = 0;
        foreach (var partition in lost)
        {
            partition.Lose();
            dropped += Forget(partition);
        }
        if (lost.Count > 0)
        {
            recorder.Lost(lost, dropped, at, time.GetElapsedTime(started));
            log.Lost(Numbers(lost), dropped);
        }
        return lost.Count;
    });

    private int Forget(OwnedPartition partition)
    {
        committer.Forget(partition.Partition);
        return buffer.Discard(partition);
    }

    /// <summary>The last positions go to the brokers before the partitions do; a failure delays the view of the lag, and nothing else.</summary>
    private void CommitFinalPositions(HashSet<int> partitions)
    {
        try
        {
            using var timeout = new CancellationTokenSource(CommitTimeout, time);
            if (committer.CommitAsync(partitions.Contains, timeout.Token).WaitAsync(timeout.Token).GetAwaiter().GetResult() is { } failure)
            {
                log.CommitFailed(failure);
            }
        }
        catch (OperationCanceledException)
        {
            log.CommitFailed($"no answer within {CommitTimeout.TotalSeconds:0} s");
        }
    }

    private List<OwnedPartition> KeptWithout(HashSet<int> leaving) =>
        [.. assignment.Partitions.Values.Where(p => p.State.IsReading() && !leaving.Contains(p.Partition))];

    /// <summary>
    /// For how long each partition that stays had nothing to work on because the poll thread was here: from when its
    /// buffer ran empty, if the client held records for it. The client keeps fetching all the while.
    /// </summary>
    private List<PartitionPause> PausesOf(List<OwnedPartition> kept, long started) =>
        kept.ConvertAll(p => new PartitionPause(
            p.Partition,
            Fetching?.HasMore(p) is false ? 0 : Math.Round(buffer.EmptyFor(p, started).TotalMilliseconds, 3)));

    private T Measured<T>(Func<long, T> callback)
    {
        _running = true;
        try
        {
            return callback(time.GetTimestamp());
        }
        finally
        {
            _running = false;
        }
    }

    private static string Numbers(IEnumerable<OwnedPartition> partitions) => string.Join(", ", partitions.Select(p => p.Partition).Order());
}
