using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;

namespace LogPartitioning.Consumer.Reading;

/// <summary>Which partitions the client fetches, and from where. For the poll thread alone.</summary>
internal sealed class FetchControl(IConsumer<byte[]?, byte[]?> consumer, string topic, ILogger log)
{
    private readonly HashSet<int> _paused = [];

    /// <summary>Makes the client fetch exactly the partitions whose records are wanted now, each from its position.</summary>
    /// <param name="partitions">What is assigned.</param>
    /// <param name="bufferFull">Whether reading is paused for all of them.</param>
    public void Match(IEnumerable<OwnedPartition> partitions, bool bufferFull)
    {
        foreach (var partition in partitions)
        {
            if (partition.State == PartitionState.Positioning)
            {
                Position(partition);
            }
            else if (partition.State.IsReading())
            {
                _ = bufferFull ? partition.Pause() : partition.Resume();
            }

            if (partition.State is PartitionState.Running or PartitionState.Positioning)
            {
                Resume(partition.Partition);
            }
            else if (!_paused.Contains(partition.Partition))
            {
                Pause(partition.Partition);
            }
        }
    }

    /// <summary>
    /// Ends the pause of partitions that leave. The client keeps a pause beyond the assignment that it was made in: when the
    /// partition comes back to this worker, nothing would be fetched of it, ever.
    /// </summary>
    public void ResumeLeaving(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
        {
            Resume(partition);
        }
    }

    /// <summary>Whether the client knows of records of a partition that were not read yet, by what the last fetch told.</summary>
    public bool HasMore(OwnedPartition partition)
    {
        try
        {
            return consumer.GetWatermarkOffsets(new(topic, partition.Partition)).High.Value > partition.ReadPosition;
        }
        catch (KafkaException)
        {
            return true;
        }
    }

    private void Position(OwnedPartition partition)
    {
        // "Erroneous state" while the client is still finding the partition's leader: the next round tries again.
        if (Resume(partition.Partition) && Try("position", () => consumer.Seek(new(topic, partition.Partition, partition.ReadPosition))))
        {
            partition.StartReading();
        }
    }

    private bool Resume(int partition) => !_paused.Contains(partition) || ResumePaused(partition);

    private bool ResumePaused(int partition) => Try("resume", () => consumer.Resume([new(topic, partition)])) && _paused.Remove(partition);

    private void Pause(int partition)
    {
        if (Try("pause", () => consumer.Pause([new(topic, partition)])))
        {
            _paused.Add(partition);
        }
    }

    private bool Try(string action, Action call)
    {
        try
        {
            call();
            return true;
        }
        catch (KafkaException e)
        {
            log.ClientRefused(action, e.Error.Reason);
            return false;
        }
    }
}
