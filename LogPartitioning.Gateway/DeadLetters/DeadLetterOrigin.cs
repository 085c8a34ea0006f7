using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Where a dead letter's record was read: what names it, and what its replay is counted by.</summary>
/// <param name="Topic">The topic it came from, not the dead letter topic.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Offset">The offset, from 0.</param>
/// <param name="TopicId">
/// The brokers' id of the topic: one that is created again has the same places. Empty where the brokers have no such ids, or
/// the letter is older than its mention.
/// </param>
internal readonly record struct DeadLetterOrigin(string Topic, int Partition, long Offset, string TopicId = "")
{
    public static DeadLetterOrigin Of(DeadLetter letter) => new(letter.Topic, letter.Partition, letter.Offset, letter.TopicId ?? "");

    /// <inheritdoc />
    public override string ToString() => $"{Topic}[{Partition}]@{Offset}";
}
