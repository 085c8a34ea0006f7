using LogPartitioning.Consumer.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// Sees that a partition was taken from this worker in the store while nothing of it was written: an operator has paused it, or
/// moved its position. A write would be refused and tell; where nothing waits there is none, and what the operator wants read
/// again would not be read.
/// </summary>
/// <param name="store">Has the epochs.</param>
/// <param name="assignment">The worker's partitions.</param>
/// <param name="fence">Called with what a refused write would tell.</param>
/// <param name="time">The clock.</param>
internal sealed class EpochWatch(IPartitionStore store, WorkerAssignment assignment, Action<OwnedPartition, FencedPartition> fence, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private Task _checking = Task.CompletedTask;

    /// <summary>Called by the poll loop.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        if (_checking.IsCompleted && assignment.Partitions.Count > 0)
        {
            _checking = CheckAsync(cancellationToken);
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var before = assignment.Partitions.Values.Select(p => (Partition: p, p.Epoch, p.StoredPosition)).ToList();
            await Task.Delay(Interval, time, cancellationToken);
            // What was written meanwhile was not refused; and the next write tells.
            var idle = before.Where(p => IsWatched(p.Partition) && p.Partition.Epoch == p.Epoch && p.Partition.StoredPosition == p.StoredPosition).ToList();
            if (idle.Count == 0)
            {
                return;
            }
            using var limit = new CancellationTokenSource(Timeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            var standing = (await store.StandingAsync([.. idle.Select(p => p.Partition.Partition)], both.Token)).ToDictionary(row => row.Partition);
            foreach (var (partition, epoch, _) in idle)
            {
                if (standing.TryGetValue(partition.Partition, out var row) && row.Epoch > epoch && partition.Epoch == epoch && IsWatched(partition))
                {
                    fence(partition, row);
                }
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // The worker stops, or the next round looks again.
        }
    }

    private static bool IsWatched(OwnedPartition partition) =>
        partition.State is PartitionState.Positioning or PartitionState.Running or PartitionState.Paused;
}
