using Confluent.Kafka;
using LogPartitioning.Core;

namespace LogPartitioning.Consumer.Writing;

/// <summary>
/// Commits to the brokers what the database holds, so that every Kafka tool sees the lag. Nobody starts from these
/// commits, so one that fails delays a view and nothing else; the latest position of each partition is tried until it is taken.
/// </summary>
internal sealed class OffsetCommitter(
    string topic, Func<IReadOnlyList<TopicPartitionOffset>, CancellationToken, Task> commit, StoreStates stores, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _pending = [];
    // One commit at a time: two on their way could arrive in the other order.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _something = new(0, 1);

    /// <summary>Notes a position to commit, in place of an earlier one of the same partition.</summary>
    public void Enqueue(int partition, long offset)
    {
        lock (_lock)
        {
            _pending[partition] = offset;
            if (_something.CurrentCount == 0)
            {
                _something.Release();
            }
        }
    }

    /// <summary>The partition is somebody else's: nothing more is committed for it.</summary>
    public void Forget(int partition)
    {
        lock (_lock)
        {
            _pending.Remove(partition);
        }
    }

    /// <summary>Commits what is noted, as it comes, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            await _something.WaitAsync(cancellationToken);
            while (await CommitAsync(_ => true, cancellationToken) is { } failure)
            {
                // The first refusal is the normal course of a rebalance.
                if (backoff.Attempts == 1)
                {
                    log.CommitFailed(failure);
                    stores.Fails(StoreStates.Kafka, "the brokers do not take the offsets");
                }
                await Task.Delay(backoff.Next(), time, cancellationToken);
            }
            if (backoff.Attempts > 1)
            {
                log.CommitsAgain();
            }
            backoff.Reset();
            stores.Answers(StoreStates.Kafka);
        }
    }

    /// <summary>Commits what is noted for some partitions, after whatever commit is on its way.</summary>
    /// <returns>Null when it was taken or there was nothing; else why not.</returns>
    public async Task<string?> CommitAsync(Func<int, bool> which, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            List<TopicPartitionOffset> offsets;
            lock (_lock)
            {
                offsets = [.. _pending.Where(p => which(p.Key)).Select(p => new TopicPartitionOffset(topic, p.Key, p.Value))];
            }
            if (offsets.Count == 0)
            {
                return null;
            }
            await commit(offsets, cancellationToken);
            Remove(offsets);
            return null;
        }
        catch (KafkaException e)
        {
            return e.Error.Reason;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _turn.Dispose();
        _something.Dispose();
    }

    private void Remove(List<TopicPartitionOffset> committed)
    {
        lock (_lock)
        {
            foreach (var offset in committed)
            {
                // A later position may have been noted meanwhile.
                if (_pending.TryGetValue(offset.Partition.Value, out var pending) && pending == offset.Offset.Value)
                {
                    _pending.Remove(offset.Partition.Value);
                }
            }
        }
    }
}
