using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Buffering;
using LogPartitioning.Consumer.Rebalancing;
using LogPartitioning.Consumer.Reporting;

namespace LogPartitioning.Consumer.Polling;

/// <summary>
/// The one thread that polls. It never waits for the database: it moves records into the buffer, and while the buffer is
/// full it lets reading rest and polls on, so that the group keeps its member.
/// </summary>
internal sealed class PollLoop(
    IConsumer<byte[]?, byte[]?> consumer,
    WorkerAssignment assignment,
    BatchBuffer buffer,
    RecordReader reader,
    PartitionClaims claims,
    FenceCheck fences,
    LogContinuity continuity,
    StoreStates stores,
    TimeProvider time,
    ILogger log)
{
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// A database that keeps up makes room within this. Pausing throws away what the client has fetched, so it is for a
    /// database that does not.
    /// </summary>
    private static readonly TimeSpan RoomPatience = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan PauseAfterError = TimeSpan.FromMilliseconds(200);

    private long _lastPollTicks;

    /// <summary>Whether reading rests because the buffer is full.</summary>
    public bool IsResting { get; private set; }

    /// <summary>When the last poll returned; null before the first.</summary>
    public DateTimeOffset? LastPoll => Interlocked.Read(ref _lastPollTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Polls until stopped.</summary>
    /// <exception cref="KafkaException">The client cannot go on: a fatal error, or a membership that has come apart.</exception>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            claims.Tend(stop);
            if (!fences.Tend(stop))
            {
                throw new KafkaException(new Error(ErrorCode.Local_State, "Partitions stay fenced and the group does not confirm them."));
            }
            Position();
            Rest();
            MatchFetching();
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
        if (!assignment.Partitions.TryGetValue(record.Partition.Value, out var partition) || !partition.IsReading)
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

    /// <summary>Sets the client to the positions of partitions that were granted in the background.</summary>
    private void Position()
    {
        foreach (var partition in assignment.Partitions.Values)
        {
            if (partition.State != PartitionState.Positioning)
            {
                continue;
            }
            var tp = new TopicPartition(continuity.Topic, partition.Partition);
            try
            {
                if (partition.FetchingPaused)
                {
                    consumer.Resume([tp]);
                    partition.FetchingPaused = false;
                }
                consumer.Seek(new TopicPartitionOffset(tp, partition.ReadPosition));
                partition.TryMoveTo(PartitionState.Running);
            }
            catch (KafkaException e)
            {
                // "Erroneous state" while the client is still finding the partition's leader: the next round tries again.
                log.ClientRefused("position", e.Error.Reason);
            }
        }
    }

    /// <summary>Lets reading rest when the buffer is full, and takes it up when half of it is free.</summary>
    private void Rest()
    {
        if (IsResting ? !buffer.HasRoomToResume : buffer.HasRoom || buffer.WaitForRoom(RoomPatience))
        {
            return;
        }
        IsResting = !IsResting;
        if (IsResting)
        {
            log.ReadingPaused();
        }
        else
        {
            log.ReadingResumed();
        }
    }

    /// <summary>Makes the client fetch exactly the partitions whose records are wanted now.</summary>
    private void MatchFetching()
    {
        foreach (var partition in assignment.Partitions.Values)
        {
            if (partition.State is PartitionState.Running or PartitionState.Paused)
            {
                partition.TryMoveTo(IsResting ? PartitionState.Paused : PartitionState.Running);
            }
            var pause = partition.State is not (PartitionState.Running or PartitionState.Positioning);
            if (pause != partition.FetchingPaused)
            {
                SetFetching(partition, pause);
            }
        }
    }

    private void SetFetching(OwnedPartition partition, bool pause)
    {
        TopicPartition[] only = [new(continuity.Topic, partition.Partition)];
        try
        {
            if (pause)
            {
                consumer.Pause(only);
            }
            else
            {
                consumer.Resume(only);
            }
            partition.FetchingPaused = pause;
        }
        catch (KafkaException e)
        {
            log.ClientRefused(pause ? "pause" : "resume", e.Error.Reason);
        }
    }
}
