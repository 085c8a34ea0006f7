namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Where a dead letter's record was read: what names it, and what its replay is counted by.</summary>
/// <param name="Topic">The topic it came from, not the dead letter topic.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Offset">The offset, from 0.</param>
internal readonly record struct DeadLetterOrigin(string Topic, int Partition, long Offset)
{
    /// <inheritdoc />
    public override string ToString() => $"{Topic}[{Partition}]@{Offset}";
}
