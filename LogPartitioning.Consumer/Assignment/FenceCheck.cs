using Confluent.Kafka;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// What to do about a partition whose write was refused while the group, as far as this worker knows, still gives it to us.
/// Two things can be behind it. The group gave us up while we were frozen, and we have not heard: claiming again would
/// fence the rightful owner. Or the store was changed by somebody without right, or by an operator: not claiming again
/// would leave the partition to nobody. The brokers decide: they take a commit from a member of the present generation
/// alone. So a commit of the position that the store holds is tried; only when it is taken is the partition claimed again.
/// </summary>
internal sealed class FenceCheck(
    string topic,
    WorkerAssignment assignment,
    Func<IReadOnlyList<TopicPartitionOffset>, CancellationToken, Task> commit,
    ConsumerOptions options,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Dictionary<OwnedPartition, long> _fencedSince = [];
    private Task _checking = Task.CompletedTask;

    /// <summary>Called by the poll loop. Starts a check when a partition is fenced and none is under way.</summary>
    /// <returns>False when a partition has been fenced for so long that the worker should leave the group and join it again.</returns>
    public bool CheckFenced(CancellationToken cancellationToken)
    {
        var fenced = assignment.Partitions.Values.Where(p => p.State == PartitionState.Fenced).ToList();
        foreach (var gone in _fencedSince.Keys.Except(fenced).ToList())
        {
            _fencedSince.Remove(gone);
        }
        foreach (var partition in fenced)
        {
            _fencedSince.TryAdd(partition, time.GetTimestamp());
        }
        if (fenced.Count > 0 && _checking.IsCompleted)
        {
            _checking = CheckAsync(fenced, cancellationToken);
        }
        // A member that was given up hears of it within its session timeout. After two of them, and the longest wait, something is wrong.
        return !_fencedSince.Values.Any(since => time.GetElapsedTime(since) > options.SessionTimeout * 2 + LongestWait);
    }

    private async Task CheckAsync(List<OwnedPartition> fenced, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(WaitFor(fenced.Max(p => p.Fences)), time, cancellationToken);
            foreach (var partition in fenced.Where(p => p.State == PartitionState.Fenced))
            {
                var position = new TopicPartitionOffset(topic, partition.Partition, partition.PositionAtFence);
                try
                {
                    await commit([position], cancellationToken);
                    partition.ClaimAgain();
                }
                catch (KafkaException e)
                {
                    log.NotAMember(partition.Partition, e.Error.Reason);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    /// <summary>Longer with every fence of the assignment: two owners that claim from each other must not do so ever faster.</summary>
    internal static TimeSpan WaitFor(int fences)
    {
        var wait = FirstWait * Math.Pow(2, Math.Min(fences - 1, 10));
        return wait < LongestWait ? wait : LongestWait;
    }
}
