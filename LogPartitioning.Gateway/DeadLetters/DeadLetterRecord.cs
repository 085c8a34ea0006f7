using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>A record of the dead letter topic.</summary>
/// <param name="Partition">Its partition there.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Letter">What it says, or null where it is not a dead letter's envelope at all.</param>
/// <param name="Raw">The record's own bytes where <paramref name="Letter"/> is null, so that even those are shown.</param>
internal sealed record DeadLetterRecord(int Partition, long Offset, DeadLetter? Letter, byte[]? Raw)
{
    /// <summary>The size of the record.</summary>
    public int Bytes { get; init; }

    /// <summary>Why it was set aside, as a short name; <see cref="Unreadable"/> where it is no dead letter's envelope.</summary>
    public string Reason => Letter?.Reason ?? Unreadable;

    /// <summary>The reason of what is in the topic and is no dead letter.</summary>
    public const string Unreadable = "unreadable";
}
