using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Reading;

/// <summary>
/// The one thread that polls. It never waits for the database: it moves records into the buffer, and while the buffer is
/// full it pauses the partitions and polls on, so that the group keeps its member.
/// </summary>
internal sealed class PollLoop(
    IConsumer<byte[]?, byte[]?> consumer,
    WorkerAssignment assignment,
    PartitionClaims claims,
    FenceCheck fences,
    PartitionHalts halts,
    EpochWatch epochs,
    FetchControl fetching,
    LogContinuity continuity,
    RecordReader reader,
    BatchBuffer buffer,
    ConsumerOptions options,
    StoreStates stores,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A database that keeps up makes room within this. Pausing throws away what the client has fetched, so it is for a
    /// database that does not.
    /// </summary>
    private static readonly TimeSpan RoomTimeout = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// So many records are taken one after the other before the loop looks again at what else there is to do. To look at each record cost a tenth of
    /// a consumer's processor time.
    /// </summary>
    private const int RecordsOfTurn = 200;

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(200);

    private long _lastPollTicks;
    private long _lastTurn = time.GetTimestamp();

    /// <summary>How long ago the loop last came around, whatever the brokers answered.</summary>
    public TimeSpan SinceLastTurn => time.GetElapsedTime(Interlocked.Read(ref _lastTurn));

    /// <summary>Whether reading is paused because the buffer is full.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>When the last poll returned; null before the first.</summary>
    public DateTimeOffset? LastPoll => Interlocked.Read(ref _lastPollTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Polls until stopped.</summary>
    /// <exception cref="KafkaException">The client cannot go on: a fatal error, or a membership that has come apart.</exception>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Interlocked.Exchange(ref _lastTurn, time.GetTimestamp());
            claims.ClaimWaiting(stop);
            if (!fences.CheckFenced(stop))
            {
                throw new KafkaException(new Error(ErrorCode.Local_State, "Partitions stay fenced and the group does not confirm them."));
            }
            halts.Check(stop);
            epochs.Check(stop);
            PauseOrResume();
            fetching.Match(assignment.Partitions.Values, bufferFull: IsPaused);
            Poll(stop);
        }
    }

    private void Poll(CancellationToken stop)
    {
        try
        {
            var record = consumer.Consume(PollTime);
            Interlocked.Exchange(ref _lastPollTicks, time.GetUtcNow().UtcTicks);
            for (var taken = 1; record is not null; taken++)
            {
                Take(record);
                record = taken < RecordsOfTurn && buffer.HasRoom && !stop.IsCancellationRequested ? consumer.Consume(TimeSpan.Zero) : null;
            }
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // The client recovers by itself (an unknown topic, a leader that moves); this only keeps the log readable.
            log.ConsumeFailed(e.Error.Reason);
            stores.Fails(StoreStates.Kafka, BrokerFailure.InWords(e.Error));
            stop.WaitHandle.WaitOne(PauseAfterError);
        }
    }

    private void Take(ConsumeResult<byte[]?, byte[]?> record)
    {
        // Not granted yet, or no longer ours: it will be read again from where the store stands.
        if (!assignment.Partitions.TryGetValue(record.Partition.Value, out var partition) || !partition.State.IsReading())
        {
            return;
        }
        var offset = record.Offset.Value;
        LogGap? gap = null;
        if (offset != partition.ReadPosition && !continuity.Accepts(consumer, partition, offset, out gap))
        {
            return;
        }
        if (record.IsPartitionEOF)
        {
            // Beyond the last record there may be offsets that will never have one: the marker that ends a transaction.
            if (offset > partition.ReadPosition && buffer.TryAdd(partition, BufferedRecord.UpTo(offset, time.GetTimestamp(), gap)))
            {
                partition.MoveRead(offset);
            }
            return;
        }
        var read = reader.Read(record, gap, partition.TopicId);
        if (Stops(partition, read))
        {
            return;
        }
        if (buffer.TryAdd(partition, read))
        {
            partition.MoveRead(offset + 1);
        }
    }

    /// <summary>Whether so many records are refused that this one is not read any more.</summary>
    private bool Stops(OwnedPartition partition, BufferedRecord record)
    {
        if (record.Letter is null)
        {
            partition.Refusals.Accepted(1, options.RefusalWindow);
            return false;
        }
        if (record.Offset < partition.PassingUntil || !partition.Refusals.Exceeds(options.RefusalWindow, options.RefusalShare))
        {
            return false;
        }
        var reason = new PartitionHalt(HaltCause.TooManyRefused, FormattableString.Invariant(
            $"more than {options.RefusalShare:P0} of the last {options.RefusalWindow} records are refused; offset {record.Offset} is the first that is not set aside: {record.Letter.Reason}: {record.Letter.Detail}"));
        if (partition.Halt(reason))
        {
            log.Halted(partition.Partition, reason.Detail);
        }
        return true;
    }

    /// <summary>Pauses reading when the buffer is full, and resumes it when half of it is free.</summary>
    private void PauseOrResume()
    {
        if (IsPaused ? !buffer.HasRoomToResume : buffer.HasRoom || buffer.WaitForRoom(RoomTimeout))
        {
            return;
        }
        IsPaused = !IsPaused;
        if (IsPaused)
        {
            log.ReadingPaused(buffer.Count);
        }
        else
        {
            log.ReadingResumed(buffer.Count);
        }
    }
}
