using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Reading;

/// <summary>
/// Looks at records that are not where the one before left off. Offsets may be missing for good reasons (compaction,
/// transaction markers); but the client also jumps by itself when the brokers do not hold the offset that it asks for, and
/// nothing may be skipped, or read for something else, in silence.
/// </summary>
internal sealed class LogContinuity(string topic, Func<bool> isCompacted, ConsumerMetrics metrics, ILogger log)
{
    private static readonly TimeSpan BoundsTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Decides about a record, or an end, at another offset than expected.</summary>
    /// <param name="consumer">The client.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="offset">Where the record, or the end, is.</param>
    /// <param name="gap">What is missing before it, where that has to be put on record.</param>
    /// <returns>Whether it continues the partition.</returns>
    public bool Accepts(IConsumer<byte[]?, byte[]?> consumer, OwnedPartition partition, long offset, out LogGap? gap)
    {
        gap = null;
        WatermarkOffsets bounds;
        try
        {
            bounds = consumer.QueryWatermarkOffsets(new(topic, partition.Partition), BoundsTimeout);
        }
        catch (KafkaException e)
        {
            // Not known whether it may be taken: ask the client for the expected offset again, and see then.
            log.ClientRefused("compare", e.Error.Reason);
            partition.Reposition();
            return false;
        }

        var expected = partition.ReadPosition;
        if (offset > expected)
        {
            gap = GapOf(partition, expected, offset, bounds.Low.Value);
            return true;
        }
        if (bounds.High.Value >= expected)
        {
            // The client went back and the log still reaches to where we are: this has been read.
            partition.Reposition();
            return false;
        }
        var truncated = new PartitionHalt(
            HaltCause.LogTruncated, FormattableString.Invariant($"the store stands at offset {expected}, and the log ends at {bounds.High.Value}"));
        if (partition.Halt(truncated))
        {
            log.Halted(partition.Partition, truncated.Detail);
        }
        return false;
    }

    /// <summary>
    /// What the brokers no longer had is lost. What is missing of a log that they still hold went by its own rules: a
    /// compacted topic drops records, and in any other only transactions leave offsets without one.
    /// </summary>
    private LogGap? GapOf(OwnedPartition partition, long expected, long offset, long low)
    {
        var firstHeld = Math.Min(Math.Max(low, expected), offset);
        if (offset > firstHeld)
        {
            metrics.Gap(partition.Partition, isCompacted() ? GapCause.Compaction : GapCause.Transaction, offset - firstHeld);
        }
        if (firstHeld == expected)
        {
            return null;
        }
        metrics.Gap(partition.Partition, GapCause.Deleted, firstHeld - expected);
        log.Gap(partition.Partition, expected, firstHeld, firstHeld - expected);
        return new(expected, firstHeld, GapCause.Deleted);
    }
}
