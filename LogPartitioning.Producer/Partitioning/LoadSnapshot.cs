namespace LogPartitioning.Producer.Partitioning;

/// <summary>What went where: a <see cref="LoadWindow"/> at one moment.</summary>
/// <param name="Partitions">Events of each partition in the window, exactly.</param>
/// <param name="Keys">The heaviest keys of the window, the heaviest first.</param>
/// <param name="KeysSinceStart">The heaviest keys since the start, the heaviest first.</param>
/// <param name="TotalSinceStart">All events since the start.</param>
internal sealed record LoadSnapshot(
    IReadOnlyList<long> Partitions,
    IReadOnlyList<KeyLoad> Keys,
    IReadOnlyList<KeyLoad> KeysSinceStart,
    long TotalSinceStart)
{
    /// <summary>All events in the window.</summary>
    public long Total { get; } = Partitions.Sum();
}
