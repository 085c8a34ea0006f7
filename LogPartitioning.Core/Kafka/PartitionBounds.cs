namespace LogPartitioning.Core.Kafka;

/// <summary>What the brokers hold of one partition.</summary>
/// <param name="Low">Offset of the oldest record that is still there; equal to <paramref name="High"/> when there is none.</param>
/// <param name="High">Offset that the next record will get.</param>
public readonly record struct PartitionBounds(long Low, long High);
