namespace LogPartitioning.Core.Events;

/// <summary>
/// Reads an event as a client sends it. Left out, <c>id</c> becomes a new UUIDv7, <c>timestamp</c> the time of receipt
/// and <c>level</c> <c>Information</c>; null counts as left out. Fields that an event does not have are refused, since
/// ignoring them would lose what a misspelt one said; so is a field that appears twice.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="range">Which timestamps are taken; null for any.</param>
public sealed class LogEventReader(TimeProvider time, TimestampRange? range = null)
{
    /// <summary>Reads one event. Never throws, whatever the bytes.</summary>
    /// <param name="json">The bytes of one JSON value, which should be an event.</param>
    /// <param name="logEvent">The event, when every rule holds; else null.</param>
    /// <returns>Every rule that is broken (at most 16); empty exactly when there is an event.</returns>
    public IReadOnlyList<EventProblem> Read(ReadOnlySpan<byte> json, out LogEvent? logEvent) => Read(json, out logEvent, out _);

    /// <summary>Reads one event, and tells which of the fields that may be left out its client has sent.</summary>
    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, out LogEvent?)"/>
    public IReadOnlyList<EventProblem> Read(ReadOnlySpan<byte> json, out LogEvent? logEvent, out SentFields sent) =>
        EventParser.Parse(json, complete: false, time.GetUtcNow(), range, out logEvent, out sent);

    /// <summary>
    /// Reads an event straight into the value of its record, where it is written as nearly every client writes it. It is the event that
    /// <see cref="Read(ReadOnlySpan{byte}, out LogEvent?, out SentFields)"/> reads from these bytes; with the id and the time that are its own to give.
    /// </summary>
    /// <returns>False where the bytes have to be read by that: it says nothing about them.</returns>
    public bool TryReadPlain(ReadOnlySpan<byte> json, out PlainRecord record) => PlainEventParser.TryParse(json, time.GetUtcNow(), range, out record);
}
