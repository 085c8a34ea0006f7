using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;

namespace LogPartitioning.Consumer.Reading;

/// <summary>
/// Looks at records that are not where the one before left off. Offsets may be missing for good reasons (compaction,
/// transaction markers); but the client also jumps by itself when the brokers do not hold the offset that it asks for, and
/// nothing may be skipped, or read for something else, in silence.
/// </summary>
internal sealed class LogContinuity(string topic, ConsumerMetrics metrics, ILogger log)
{
    private static readonly TimeSpan BoundsTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Decides about a record at another offset than expected.</summary>
    /// <returns>Whether the record continues the partition.</returns>
    public bool Accepts(IConsumer<byte[]?, byte[]?> consumer, OwnedPartition partition, long offset)
    {
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
            if (bounds.Low.Value > expected)
            {
                var lost = Math.Min(bounds.Low.Value, offset) - expected;
                metrics.Gap(lost);
                log.Gap(partition.Partition, expected, offset, lost);
            }
            return true;
        }
        if (bounds.High.Value >= expected)
        {
            // The client went back and the log still reaches to where we are: this has been read.
            partition.Reposition();
            return false;
        }
        if (partition.Halt())
        {
            log.Halted(partition.Partition, expected, bounds.High.Value);
        }
        return false;
    }
}
