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
    private const int MaxTopicIdCharacters = 64;

    /// <summary>The origin that a letter names. Anybody can write to the dead letter topic: what cannot be an id counts as none.</summary>
    public static DeadLetterOrigin Of(DeadLetter letter) => new(
        letter.Topic, letter.Partition, letter.Offset, letter.TopicId is { } id && IsTopicId(id) ? id : "");

    /// <summary>Whether a text can be an id: brokers give base64.</summary>
    public static bool IsTopicId(string text) =>
        text.Length <= MaxTopicIdCharacters && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '=' or '+' or '/');

    /// <inheritdoc />
    public override string ToString() => $"{Topic}[{Partition}]@{Offset}";
}
