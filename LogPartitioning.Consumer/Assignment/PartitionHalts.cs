using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// Halts partitions whose topic has become another one, puts every halt on record, and sees when an operator has decided.
/// The record is what keeps a partition halted over a restart and whoever owns it.
/// </summary>
/// <param name="store">Holds the record.</param>
/// <param name="assignment">The worker's partitions.</param>
/// <param name="topicId">The topic's id as last seen.</param>
/// <param name="decided">Called when a halt was lifted: the partitions have to be claimed anew, by a client that knows nothing of the old log.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The worker's log.</param>
internal sealed class PartitionHalts(
    IPartitionStore store, WorkerAssignment assignment, Func<string?> topicId, Action decided, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // By the claim under which it was halted: after a decision and another claim it may be halted again.
    private readonly HashSet<(OwnedPartition Partition, long Epoch)> _recorded = [];
    private Task _checking = Task.CompletedTask;

    /// <summary>Called by the poll loop.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        List<OwnedPartition>? halted = null;
        foreach (var partition in assignment.Partitions.Values)
        {
            if (partition.State is PartitionState.Positioning or PartitionState.Running or PartitionState.Paused
                && partition.TopicId is { } known && topicId() is { } present && present != known
                && partition.Halt(PartitionHalt.Replaced(known, present)))
            {
                log.Halted(partition.Partition, partition.HaltReason!.Detail);
            }
            if (partition.State == PartitionState.Halted)
            {
                (halted ??= []).Add(partition);
            }
        }
        if (halted is not null && _checking.IsCompleted)
        {
            _checking = CheckAsync(halted, cancellationToken);
        }
    }

    private async Task CheckAsync(List<OwnedPartition> halted, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Interval, time, cancellationToken);
            using var limit = new CancellationTokenSource(Timeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            foreach (var claim in halted.Select(p => (Partition: p, p.Epoch)).Where(claim => !claim.Partition.HaltReason!.IsPause && !_recorded.Contains(claim)))
            {
                await store.HaltAsync(claim.Partition.Partition, claim.Epoch, ReasonOf(claim.Partition), both.Token);
                _recorded.Add(claim);
            }
            var released = await store.ReleasedAsync([.. halted.Select(p => p.Partition)], both.Token);
            // After a pause the log is the same: the partition is claimed again, and the worker's others are not disturbed.
            foreach (var partition in halted.Where(p => released.Contains(p.Partition) && p.HaltReason!.IsPause))
            {
                partition.LiftPause();
            }
            if (halted.Any(p => released.Contains(p.Partition) && !p.HaltReason!.IsPause))
            {
                decided();
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // The worker stops, or the next round tries again; nothing is read meanwhile.
        }
    }

    /// <summary>A log that ends too early may by now be known to be another one.</summary>
    private PartitionHalt ReasonOf(OwnedPartition partition)
    {
        var reason = partition.HaltReason!;
        return reason.Cause == HaltCause.LogTruncated && partition.TopicId is { } known && topicId() is { } present && present != known
            ? PartitionHalt.Replaced(known, present)
            : reason;
    }
}
