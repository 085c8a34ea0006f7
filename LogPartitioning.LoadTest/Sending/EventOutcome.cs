namespace LogPartitioning.LoadTest.Sending;

/// <summary>What became of one event of a request.</summary>
internal enum EventStatus
{
    /// <summary>Nobody knows: no answer, or one that leaves it open. To be sent again with the same id.</summary>
    Unknown,

    /// <summary>Acknowledged by the brokers, with partition and offset.</summary>
    Acknowledged,

    /// <summary>Refused by a rule; sending it again would change nothing.</summary>
    Rejected,
}

/// <param name="Status">What became of the event.</param>
/// <param name="Partition">The partition of an acknowledged event.</param>
/// <param name="Offset">Its offset there.</param>
/// <param name="Key">Its record key, where the answer tells it.</param>
/// <param name="Error">Why it was not acknowledged.</param>
internal sealed record EventOutcome(
    EventStatus Status, int Partition = -1, long Offset = -1, string? Key = null, string? Error = null);

/// <summary>The answer to one request.</summary>
/// <param name="Outcomes">One for each event, in the order sent.</param>
/// <param name="Problem">Why the request as a whole failed; null where it was answered.</param>
/// <param name="RetryAfter">How long the server asks to wait before the next attempt.</param>
internal sealed record RequestOutcome(EventOutcome[] Outcomes, string? Problem = null, TimeSpan? RetryAfter = null)
{
    public static RequestOutcome All(EventStatus status, int count, string problem) =>
        new([.. Enumerable.Repeat(new EventOutcome(status, Error: problem), count)], problem);
}
