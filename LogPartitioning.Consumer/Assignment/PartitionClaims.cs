using Confluent.Kafka;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>Claims assigned partitions from the store: within a rebalance for a short time, later in the background.</summary>
internal sealed class PartitionClaims(
    IPartitionStore store,
    Func<CancellationToken, Task<string?>> readTopicId,
    Func<IReadOnlyList<PartitionClaim>, CancellationToken, Task<IReadOnlyList<PartitionClaim>>> checkLogs,
    WorkerAssignment assignment,
    Action<int, long> commitPosition,
    StoreStates stores,
    string owner,
    ConsumerOptions options,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Backoff _backoff = new(FirstRetry, LongestRetry);
    private Task _claiming = Task.CompletedTask;

    /// <summary>Claims at once. Never throws for the store's sake: what is not granted stays <see cref="PartitionState.Claiming"/>.</summary>
    public async Task ClaimAsync(IReadOnlyCollection<OwnedPartition> partitions, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
        {
            return;
        }
        try
        {
            using var timeout = new CancellationTokenSource(options.ClaimTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            // First, so that the position is compared with the topic that will be read.
            var topicId = await readTopicId(both.Token);
            var claims = await checkLogs(
                await store.ClaimAsync([.. partitions.Select(p => p.Partition)], owner, topicId, both.Token), both.Token);
            stores.Answers(StoreStates.Logs);
            foreach (var claim in claims)
            {
                Grant(partitions.Single(p => p.Partition == claim.Partition), claim);
            }
            _backoff.Reset();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, the partitions are ours in the group and must be claimed: in the background, until it works.
            var reason = e is OperationCanceledException ? $"no answer within {options.ClaimTimeout.TotalSeconds:0.#} s" : e.Message;
            if (e is KafkaException kafka)
            {
                stores.Fails(StoreStates.Kafka, BrokerFailure.InWords(kafka.Error));
            }
            else
            {
                stores.Fails(StoreStates.Logs, e is OperationCanceledException ? reason : StoreFailure.Show(e));
            }

            if (StoreFailure.IsOfSession(e))
            {
                store.RenewConnections();
            }
            log.ClaimFailed(string.Join(", ", partitions.Select(p => p.Partition).Order()), reason);
        }
    }

    /// <summary>Called by the poll loop: claims what is still to be claimed, one attempt at a time, with growing waits.</summary>
    public void ClaimWaiting(CancellationToken cancellationToken)
    {
        if (!_claiming.IsCompleted)
        {
            return;
        }
        var waiting = assignment.Partitions.Values.Where(p => p.State == PartitionState.Claiming).ToList();
        if (waiting.Count > 0)
        {
            _claiming = ClaimAfterWaitAsync(waiting, cancellationToken);
        }
    }

    private async Task ClaimAfterWaitAsync(List<OwnedPartition> partitions, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_backoff.Next(), time, cancellationToken);
            await ClaimAsync([.. partitions.Where(p => p.State == PartitionState.Claiming)], cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private void Grant(OwnedPartition partition, PartitionClaim claim)
    {
        if (!partition.Grant(claim))
        {
            return;
        }
        if (claim.Halt is { IsPause: true } pause)
        {
            log.PausedByOperator(partition.Partition, pause.Detail);
            return;
        }
        if (claim.Halt is { } halt)
        {
            log.Halted(partition.Partition, halt.Detail);
            return;
        }
        log.Granted(partition.Partition, claim.NextOffset, claim.Epoch);
        // The brokers may know an older position: an owner that was killed between its two commits. From a partition that
        // was never read nothing is committed, so that all of it counts as lag.
        if (!claim.IsFirst)
        {
            commitPosition(partition.Partition, claim.NextOffset);
        }
    }
}
