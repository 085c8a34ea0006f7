namespace LogPartitioning.Core.Events;

/// <summary>A log event that keeps every rule of <see cref="EventRules"/>.</summary>
/// <param name="Id">What makes the event one event, however often it is sent. Never the nil or the max UUID.</param>
/// <param name="Source">Who logged it: 1 to 255 characters. The unit of order.</param>
/// <param name="Level">How grave it is.</param>
/// <param name="Message">The text, at most 64 KiB of UTF-8; may be empty, as a blank line is.</param>
/// <param name="Timestamp">When it happened, in UTC, to the microsecond, which is what PostgreSQL keeps.</param>
/// <param name="Attributes">A JSON object of at most 64 scalar entries as compact text, or null. It is validated, so it
/// goes into the record and into <c>jsonb</c> as it is.</param>
public sealed record LogEvent(
    Guid Id,
    string Source,
    Severity Level,
    string Message,
    DateTimeOffset Timestamp,
    string? Attributes);
