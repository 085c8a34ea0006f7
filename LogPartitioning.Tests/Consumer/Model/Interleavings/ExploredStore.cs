using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Model.Interleavings;

/// <summary>A worker's way to the store, on which a write takes as long as whoever gives the turns likes.</summary>
/// <param name="rows">The store.</param>
/// <param name="asksForDecision">Called when the worker asks whether its halted partitions are released.</param>
internal sealed class ExploredStore(MemoryStore rows, Action asksForDecision) : IPartitionStore
{
    /// <summary>The write that waits for its answer.</summary>
    public PendingWrite? Pending { get; private set; }

    /// <summary>Whether the next claim fails.</summary>
    public bool RefusesClaim { get; set; }

    public Task<IReadOnlyList<PartitionClaim>> ClaimAsync(IReadOnlyCollection<int> partitions, string owner, string? topicId, CancellationToken cancellationToken)
    {
        if (RefusesClaim)
        {
            RefusesClaim = false;
            throw new NpgsqlException("no claim");
        }

        return rows.ClaimAsync(partitions, owner, topicId, cancellationToken);
    }

    public Task<BatchOutcome> WriteAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        Assert.Null(Pending);
        Pending = new(batches);
        return Pending.Answered.Task;
    }

    /// <summary>The answer comes: that of the write, or that the connection is broken.</summary>
    public PendingWrite Answer(bool broken)
    {
        var write = Pending!;
        Pending = null;
        if (broken)
        {
            write.Answered.SetException(new NpgsqlException("the connection is broken"));
        }
        else if (write.Refusal is { } refusal)
        {
            write.Answered.SetException(refusal);
        }
        else
        {
            write.Answered.SetResult(write.Outcome!);
        }

        return write;
    }

    public Task HaltAsync(int partition, long epoch, PartitionHalt halt, CancellationToken cancellationToken) => rows.HaltAsync(partition, epoch, halt, cancellationToken);

    public Task<IReadOnlyList<FencedPartition>> StandingAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken) =>
        rows.StandingAsync(partitions, cancellationToken);

    public void RenewConnections() => rows.RenewConnections();

    public Task<IReadOnlySet<int>> ReleasedAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken)
    {
        asksForDecision();
        return rows.ReleasedAsync(partitions, cancellationToken);
    }
}

/// <summary>A write on its way.</summary>
internal sealed class PendingWrite(IReadOnlyList<PartitionBatch> batches)
{
    public IReadOnlyList<PartitionBatch> Batches => batches;

    /// <summary>What the store did; null before that, and where it refused.</summary>
    public BatchOutcome? Outcome { get; set; }

    /// <summary>Why the store refused it; null where it did not.</summary>
    public Exception? Refusal { get; set; }

    public bool IsDone => Outcome is not null || Refusal is not null;

    // Completed outside of every worker, so the worker goes on in its turn.
    public TaskCompletionSource<BatchOutcome> Answered { get; } = new();
}
