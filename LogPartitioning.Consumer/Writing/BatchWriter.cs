using System.Diagnostics;
using System.Text;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Writing;

/// <summary>
/// Takes batches from the buffer and sees each one through: dead letters first, then the transaction, tried until it is
/// written or no longer ours to write. One batch at a time, so that each starts where the one before ended.
/// </summary>
internal sealed class BatchWriter(
    BatchBuffer buffer,
    IPartitionStore store,
    IDeadLetterSink deadLetters,
    OffsetCommitter committer,
    RebalanceRecorder rebalances,
    ConsumerMetrics metrics,
    StoreStates stores,
    BatchSpan spans,
    string topic,
    ConsumerOptions options,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    /// <summary>Writes until the buffer is completed and empty, or cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await buffer.TakeAsync(cancellationToken) is { } batch)
        {
            using var span = spans.StartBatch(batch);
            try
            {
                await deadLetters.SendAsync(batch.Slices, cancellationToken);
                await WriteAsync([.. batch.Slices], cancellationToken);
            }
            finally
            {
                buffer.Complete(batch);
            }
        }
    }

    private async Task WriteAsync(List<BatchSlice> slices, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            // Lost or fenced while it waited: not ours any more.
            slices.RemoveAll(s => !s.IsWritable);
            if (slices.Count == 0)
            {
                return;
            }

            BatchOutcome outcome;
            try
            {
                outcome = await TryWriteAsync(slices, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                var kind = StoreFailure.Classify(e);
                if (kind == StoreFailureKind.Data && slices.Sum(s => s.Records.Count) > 1)
                {
                    await WriteHalvesAsync(slices, cancellationToken);
                    return;
                }
                if (kind == StoreFailureKind.Data && slices[0].Records[0] is { Event: not null } refused)
                {
                    if (!Stops(slices[0].Partition, refused, e))
                    {
                        await SetAsideAsync(slices[0], refused, e, cancellationToken);
                    }
                    continue;
                }
                await WaitAsync(backoff, kind, e, slices.Count, cancellationToken);
                continue;
            }

            if (backoff.Attempts > 0)
            {
                log.StoreAnswersAgain(backoff.Attempts);
                backoff.Reset();
            }
            stores.Answers(StoreStates.Logs);
            if (outcome.Committed)
            {
                metrics.Duplicates(outcome.Duplicates);
                slices.ForEach(s => Done(s, outcome.Stored.GetValueOrDefault(s.Partition.Partition), outcome.At));
                return;
            }
            await SetAsideAsync(slices, outcome.Conflicts, cancellationToken);
            Settle(slices, outcome);
        }
    }

    private async Task<BatchOutcome> TryWriteAsync(List<BatchSlice> slices, CancellationToken cancellationToken)
    {
        using var span = BatchSpan.StartStore();
        try
        {
            var outcome = await store.WriteAsync([.. slices.Select(ToPartitionBatch)], cancellationToken);
            BatchSpan.Set(span, outcome);
            return outcome;
        }
        catch (Exception e) when (span is not null)
        {
            span.SetStatus(ActivityStatusCode.Error, StoreFailure.Describe(e));
            throw;
        }
    }

    /// <summary>Nothing was written: what is settled already is taken out, so that the rest can be written.</summary>
    private void Settle(List<BatchSlice> slices, BatchOutcome outcome)
    {
        foreach (var fenced in outcome.Fenced)
        {
            Fence(slices.Single(s => s.Partition.Partition == fenced.Partition).Partition, fenced);
        }
        foreach (var slice in slices.Where(s => outcome.AlreadyApplied.Contains(s.Partition.Partition)))
        {
            Done(slice, slice.Records.Count(r => r.Event is not null), time.GetUtcNow());
        }
        slices.RemoveAll(s => outcome.AlreadyApplied.Contains(s.Partition.Partition));
    }

    /// <summary>
    /// Something among the records is refused. Halved again and again it is found in few steps, and all before it is stored
    /// in its order; each half is a batch of its own and moves the positions.
    /// </summary>
    private async Task WriteHalvesAsync(List<BatchSlice> slices, CancellationToken cancellationToken)
    {
        List<BatchSlice> first, second;
        if (slices.Count > 1)
        {
            first = slices[..(slices.Count / 2)];
            second = slices[(slices.Count / 2)..];
        }
        else
        {
            var (partition, epoch, records) = slices[0];
            var middle = records.Count / 2;
            first = [new(partition, epoch, [.. records.Take(middle)])];
            second = [new(partition, epoch, [.. records.Skip(middle)])];
        }
        await WriteAsync(first, cancellationToken);
        await WriteAsync(second, cancellationToken);
    }

    /// <summary>Whether so many events are refused that this one is not set aside any more, and nothing after it is written.</summary>
    private bool Stops(OwnedPartition partition, BufferedRecord refused, Exception refusal)
    {
        if (refused.Offset < partition.PassingUntil || !partition.StoreRefusals.Exceeds(options.RefusalWindow, options.RefusalShare))
        {
            return false;
        }
        var reason = new PartitionHalt(HaltCause.TooManyRefused, FormattableString.Invariant(
            $"the database refuses more than {options.RefusalShare:P0} of the last {options.RefusalWindow} events; offset {refused.Offset} is the first that is not set aside: {StoreFailure.Show(refusal)}"));
        if (partition.Halt(reason, dropRead: true))
        {
            log.Halted(partition.Partition, reason.Detail);
            buffer.Discard(partition);
        }
        // Given up meanwhile: the next owner finds out by itself.
        return !partition.IsWritable;
    }

    private async Task SetAsideAsync(BatchSlice slice, BufferedRecord record, Exception refusal, CancellationToken cancellationToken)
    {
        SetAside(slice, record, DeadLetterReason.RefusedByStore, StoreFailure.Show(refusal));
        await deadLetters.SendAsync([slice], cancellationToken);
    }

    /// <summary>Events that are no retries of those that their ids name. No number of them halts a partition: any client can send some.</summary>
    private async Task SetAsideAsync(List<BatchSlice> slices, IReadOnlyList<IdConflict> conflicts, CancellationToken cancellationToken)
    {
        if (conflicts.Count == 0)
        {
            return;
        }
        foreach (var slice in slices)
        {
            var ofSlice = conflicts.Where(c => c.Partition == slice.Partition.Partition).ToDictionary(c => c.Offset, c => c.Detail);
            foreach (var record in slice.Records.Where(r => r.Event is not null && ofSlice.ContainsKey(r.Offset)))
            {
                SetAside(slice, record, DeadLetterReason.IdConflict, ofSlice[record.Offset]);
            }
        }
        await deadLetters.SendAsync(slices, cancellationToken);
    }

    private void SetAside(BatchSlice slice, BufferedRecord record, string reason, string detail) => record.SetAside(new DeadLetter(
        topic, slice.Partition.Partition, record.Offset, reason, detail, time.GetUtcNow(), Encoding.UTF8.GetBytes(record.Event!.Key), record.RawValue, slice.Partition.TopicId));

    private async Task WaitAsync(Backoff backoff, StoreFailureKind kind, Exception failure, int partitions, CancellationToken cancellationToken)
    {
        var reason = StoreFailure.Describe(failure);
        stores.Fails(StoreStates.Logs, StoreFailure.Show(failure));
        if (StoreFailure.IsOfSession(failure))
        {
            store.RenewConnections();
        }
        var wait = backoff.Next();
        if (kind == StoreFailureKind.Transient)
        {
            log.WriteFailed(partitions, reason, wait.TotalSeconds);
        }
        else
        {
            log.WriteNeedsOperator(partitions, reason, wait.TotalSeconds);
        }
        await Task.Delay(wait, time, cancellationToken);
    }

    private void Done(BatchSlice slice, int stored, DateTimeOffset at)
    {
        var partition = slice.Partition;
        partition.MoveStored(slice.End, stored, at);
        metrics.Stored(partition.Partition, stored);
        partition.StoreRefusals.Accepted(stored, options.RefusalWindow);
        foreach (var record in slice.Records)
        {
            if (record.IsRecord)
            {
                metrics.Processed(time.GetElapsedTime(record.ReceivedAt));
            }
        }
        rebalances.BatchStored(partition, at);
        if (slice.IsWritable)
        {
            committer.Enqueue(partition.Partition, slice.End);
        }
    }

    /// <summary>The store has given the partition to another claim: what was read of it is dropped.</summary>
    public void Fence(OwnedPartition partition, FencedPartition fenced)
    {
        metrics.Fenced();
        partition.Fence(fenced);
        var dropped = buffer.Discard(partition);
        committer.Forget(partition.Partition);
        log.Fenced(partition.Partition, partition.Epoch, fenced.Owner, fenced.Epoch, fenced.NextOffset, dropped);
    }

    private static PartitionBatch ToPartitionBatch(BatchSlice slice) => new(
        slice.Partition.Partition,
        slice.Epoch,
        slice.Partition.StoredPosition,
        slice.End,
        [.. slice.Records.Select(r => r.Event).OfType<LogRecord>()])
    {
        Log = slice.Partition.Log,
        Gaps = GapsOf(slice),
    };

    private static List<LogGap> GapsOf(BatchSlice slice)
    {
        var gaps = new List<LogGap>();
        foreach (var record in slice.Records)
        {
            if (record.Gap is { } gap)
            {
                gaps.Add(gap);
            }
        }
        return gaps;
    }
}
