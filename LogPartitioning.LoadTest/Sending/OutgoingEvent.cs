namespace LogPartitioning.LoadTest.Sending;

/// <summary>One log event as this client sends it. A retry sends the same values under the same id.</summary>
/// <param name="Id">UUIDv7, made here, so that a retry of an event whose outcome is unknown is stored once.</param>
/// <param name="Source">The log source, 1-255 characters.</param>
/// <param name="Sequence">The event's place among this run's events of its source, from 1.</param>
/// <param name="Level">One of the six severities.</param>
/// <param name="Message">The text, at most 64 KiB of UTF-8.</param>
/// <param name="Timestamp">When the event happened, as the client tells it.</param>
internal sealed record OutgoingEvent(
    Guid Id, string Source, long Sequence, string Level, string Message, DateTimeOffset Timestamp);
