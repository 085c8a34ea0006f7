using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;

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
    FetchControl fetching,
    LogContinuity continuity,
    RecordReader reader,
    BatchBuffer buffer,
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

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(200);

    private long _lastPollTicks;

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
            claims.ClaimWaiting(stop);
            if (!fences.CheckFenced(stop))
            {
                throw new KafkaException(new Error(ErrorCode.Local_State, "Partitions stay fenced and the group does not confirm them."));
            }
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
            if (record is not null)
            {
                Take(record);
            }
        }
        catch (ConsumeException e) when (!e.Error.IsFatal)
        {
            // The client recovers by itself (an unknown topic, a leader that moves); this only keeps the log readable.
            log.ConsumeFailed(e.Error.Reason);
            stores.Fails(StoreStates.Kafka, e.Error.Reason);
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
        if (offset != partition.ReadPosition && !continuity.Accepts(consumer, partition, offset))
        {
            return;
        }
        if (buffer.TryAdd(partition, reader.Read(record)))
        {
            partition.MoveRead(offset + 1);
        }
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
