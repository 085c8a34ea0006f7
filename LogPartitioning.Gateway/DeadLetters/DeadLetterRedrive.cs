using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>A dead letter that is to go through again.</summary>
/// <param name="Origin">Which one.</param>
/// <param name="Corrected">
/// Set when the record itself was wrong: the event to send in its place. Null sends the record's own bytes, which is what
/// a fix in the code calls for.
/// </param>
internal sealed record DeadLetterRedrive(DeadLetterOrigin Origin, LogEvent? Corrected);

/// <summary>How the replay of a dead letter ended.</summary>
internal enum DeadLetterRedriveStatus
{
    /// <summary>Sent and acknowledged now.</summary>
    Replayed,

    /// <summary>It was sent and acknowledged before; nothing was sent now.</summary>
    AlreadyReplayed,

    /// <summary>
    /// It was sent, or its sending was about to be put on record, and how that ended is not known: the answer was lost, or
    /// the sender died. As long as the intention is on record it is not sent again, since that could send it twice.
    /// </summary>
    Unknown,

    /// <summary>No such dead letter.</summary>
    NotFound,

    /// <summary>Not sent, for the reason given; it may be tried again.</summary>
    Failed,
}

/// <summary>The outcome of one <see cref="DeadLetterRedrive"/>.</summary>
/// <param name="Origin">Which dead letter.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Partition">Where the new record is, once that is known.</param>
/// <param name="Offset">Where the new record is, once that is known.</param>
/// <param name="Reason">Why it was not sent, or why that is not known.</param>
internal sealed record DeadLetterRedriveOutcome(
    DeadLetterOrigin Origin, DeadLetterRedriveStatus Status, int? Partition = null, long? Offset = null, string? Reason = null);
