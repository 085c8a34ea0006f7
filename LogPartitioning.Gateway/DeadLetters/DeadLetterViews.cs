using System.Text;
using System.Text.Json;
using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>A place in a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Offset">The offset, from 0.</param>
/// <param name="TopicId">The brokers' id of the topic, which tells it from one that was created again; null where it is not known.</param>
internal sealed record RecordPlace(string Topic, int Partition, long Offset, string? TopicId = null);

/// <summary>A dead letter's replay.</summary>
/// <param name="State"><c>replayed</c>, or <c>unknown</c> where it was about to be sent and nobody knows whether it arrived.</param>
/// <param name="At">When.</param>
/// <param name="Partition">Where the new record is, when replayed.</param>
/// <param name="Offset">Where the new record is, when replayed.</param>
internal sealed record ReplayView(string State, DateTimeOffset At, int? Partition, long? Offset);

/// <summary>A dead letter as the gateway shows it.</summary>
/// <param name="Origin">Where its record was read; null where the dead letter topic holds something that is no dead letter.</param>
/// <param name="At">When it was set aside.</param>
/// <param name="Reason">Why, as a short name.</param>
/// <param name="Detail">Why, in words.</param>
/// <param name="Key">The record's key as base64, null where it had none.</param>
/// <param name="KeyText">The key as text, where it is UTF-8.</param>
/// <param name="Value">The record's value as base64, null where it had none.</param>
/// <param name="Text">The value as text, where it is UTF-8.</param>
/// <param name="Replay">How it was sent again; null when it was not.</param>
/// <param name="Place">Where the dead letter itself is kept.</param>
internal sealed record DeadLetterView(
    RecordPlace? Origin,
    DateTimeOffset? At,
    string Reason,
    string? Detail,
    string? Key,
    string? KeyText,
    string? Value,
    string? Text,
    ReplayView? Replay,
    RecordPlace Place)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static DeadLetterView Of(
        DeadLetterRecord record, string topic, IReadOnlyDictionary<DeadLetterOrigin, DeadLetterRedriveEntry> replays)
    {
        var place = new RecordPlace(topic, record.Partition, record.Offset);
        if (record.Letter is not { } letter)
        {
            return new DeadLetterView(
                null, null, DeadLetterRecord.Unreadable, "the record in the dead letter topic is not a dead letter", null, null,
                Base64(record.Raw), AsText(record.Raw), null, place);
        }
        var replay = replays.TryGetValue(DeadLetterOrigin.Of(letter), out var entry)
            ? new ReplayView(entry.Sent ? "replayed" : "unknown", entry.At, entry.Partition, entry.Offset)
            : null;
        return new DeadLetterView(
            new RecordPlace(letter.Topic, letter.Partition, letter.Offset, letter.TopicId), letter.At, letter.Reason, letter.Detail,
            Base64(letter.Key), AsText(letter.Key), Base64(letter.Value), AsText(letter.Value), replay, place);
    }

    private static string? Base64(byte[]? bytes) => bytes is null ? null : Convert.ToBase64String(bytes);

    private static string? AsText(byte[]? bytes)
    {
        try
        {
            return bytes is null ? null : StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <summary>A page of dead letters.</summary>
/// <param name="Items">Oldest or newest first; each partition's in the order in which they were set aside, or the opposite one.</param>
/// <param name="Next">What to send as <c>cursor</c> for the next page; null when this is the last.</param>
internal sealed record DeadLetterPageView(IReadOnlyList<DeadLetterView> Items, string? Next)
{
    /// <summary>Reads the page at <paramref name="start"/>, with what is on record of each dead letter, and the size of its records.</summary>
    public static async Task<(DeadLetterPageView Page, long Bytes)> ReadAsync(
        DeadLetterReader reader, DeadLetterRedriveLedger ledger, string topic, OffsetsCursor start, int limit, string? reason,
        CancellationToken cancellationToken)
    {
        var page = await reader.ReadPageAsync(start, limit, reason, cancellationToken);
        var origins = page.Items.Select(i => i.Letter).OfType<DeadLetter>()
            .Select(DeadLetterOrigin.Of).ToHashSet();
        var replays = await ledger.ReadAsync(origins, cancellationToken);
        return (
            new DeadLetterPageView([.. page.Items.Select(i => DeadLetterView.Of(i, topic, replays))], page.Next?.ToString()),
            page.Items.Sum(i => (long)i.Bytes));
    }
}

/// <summary>Which dead letters to send through again.</summary>
/// <param name="Items">1 to 100 of them.</param>
internal sealed record DeadLetterRedriveBody(IReadOnlyList<DeadLetterRedriveItem?>? Items);

/// <summary>A dead letter, by its origin.</summary>
/// <param name="Topic">The topic it came from.</param>
/// <param name="Partition">The partition it came from.</param>
/// <param name="Offset">The offset it came from.</param>
/// <param name="Event">The event to send in its place, where the record itself was wrong. Without it, the record's own bytes are sent.</param>
/// <param name="TopicId">The topic's id as the dead letter's origin tells it; without it the topic that is there now.</param>
internal sealed record DeadLetterRedriveItem(string? Topic, int? Partition, long? Offset, JsonElement? Event, string? TopicId = null);

/// <summary>How the replay of a dead letter ended.</summary>
/// <param name="Topic">The topic it came from.</param>
/// <param name="Partition">The partition it came from.</param>
/// <param name="Offset">The offset it came from.</param>
/// <param name="Status"><c>replayed</c>, <c>alreadyReplayed</c>, <c>unknown</c>, <c>notFound</c> or <c>failed</c>.</param>
/// <param name="NewPartition">Where the new record is, once that is known.</param>
/// <param name="NewOffset">Where the new record is, once that is known.</param>
/// <param name="Reason">Why it was not sent, or why that is not known.</param>
internal sealed record DeadLetterRedriveResult(
    string Topic, int Partition, long Offset, string Status, int? NewPartition, long? NewOffset, string? Reason)
{
    public static DeadLetterRedriveResult Of(DeadLetterRedriveOutcome outcome) => new(
        outcome.Origin.Topic, outcome.Origin.Partition, outcome.Origin.Offset,
        JsonNamingPolicy.CamelCase.ConvertName(outcome.Status.ToString()),
        outcome.Partition, outcome.Offset, outcome.Reason);
}

/// <summary>The outcomes, in the order of the request's items.</summary>
/// <param name="Results">One for each item.</param>
internal sealed record DeadLetterRedriveAnswer(IReadOnlyList<DeadLetterRedriveResult> Results);
