namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Some dead letters, oldest or newest first.</summary>
/// <param name="Items">Each partition's in the order of their offsets, or newest first in the opposite one; the partitions merged by the time of dead-lettering.</param>
/// <param name="Next">Where the next page starts, or null when these were the last.</param>
internal sealed record DeadLetterPage(IReadOnlyList<DeadLetterRecord> Items, OffsetsCursor? Next);
