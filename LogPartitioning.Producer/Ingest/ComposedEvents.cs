using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Adds the events that a protocol has put together to a batch: those that keep the rules, and what is wrong with the others.</summary>
/// <param name="batch">The batch.</param>
/// <param name="range">Which timestamps are taken.</param>
/// <param name="now">The time of receipt.</param>
internal sealed class ComposedEvents(EventBatch batch, TimestampRange range, DateTimeOffset now)
{
    /// <summary>To the microsecond, so that the record says what the store will say.</summary>
    private readonly DateTimeOffset _received = ToMicrosecond(now);

    /// <summary>The events so far.</summary>
    public EventBatch Batch => batch;

    /// <summary>The place of the next event.</summary>
    public int NextIndex => batch.Entries.Count;

    /// <summary>Whether a time is taken as that of an event.</summary>
    public bool IsTaken(DateTimeOffset time) => range.BrokenBy(time, now) is null;

    /// <summary>Adds an event.</summary>
    /// <param name="composer">Has its attributes.</param>
    /// <param name="id">Its id; null for a new one, with which it is stored each time that it is sent.</param>
    /// <param name="source">Its source, which keeps the rules of one (<see cref="SourceName"/>).</param>
    /// <param name="level">Its level.</param>
    /// <param name="message">Its message.</param>
    /// <param name="timestamp">Its own time; null where it has none, and gets that of its receipt.</param>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(RecordComposer composer, Guid? id, string source, Severity level, ReadOnlySpan<byte> message, DateTimeOffset? timestamp)
    {
        batch.RequireRoom();
        if (timestamp is { } own && range.BrokenBy(own, now) is { } broken)
        {
            batch.Reject(new EventProblem("timestamp", broken));
            return;
        }

        var given = id ?? Guid.CreateVersion7(now);
        if (composer.TryBuild(given, source, level, message, timestamp is { } time ? ToMicrosecond(time) : _received, out var value) is { } problem)
        {
            batch.Reject(problem);
            return;
        }

        // Whether an id that is made of the request came before is left to the consumers: nobody waits for the answer to that.
        batch.Add(new RequestEvent(given, source, value, null) { HasOwnTimestamp = timestamp is not null });
    }

    private static DateTimeOffset ToMicrosecond(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
