using System.Buffers;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Identity;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Reads events in the project's own form, and adds them to a batch.</summary>
internal sealed class JsonEvents(LogEventReader reader, EventBatch batch)
{
    /// <summary>The events that were read.</summary>
    public EventBatch Batch => batch;

    /// <summary>Adds the event that <paramref name="json"/> should be.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(ReadOnlySequence<byte> json)
    {
        if (json.IsSingleSegment)
        {
            Add(json.FirstSpan);
            return;
        }

        var length = checked((int)json.Length);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            json.CopyTo(copy);
            Add(copy.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <inheritdoc cref="Add(ReadOnlySequence{byte})"/>
    public void Add(ReadOnlySpan<byte> json)
    {
        batch.RequireRoom();
        if (reader.TryReadPlain(json, out var plain))
        {
            Add(plain.Id, plain.Source, plain.Value, plain.Sent, plain.Sent.HasFlag(SentFields.Id) ? EventFingerprint.Of(plain) : default);
            return;
        }

        var problems = reader.Read(json, out var logEvent, out var sent);
        if (logEvent is null)
        {
            batch.Reject(problems);
            return;
        }

        // Serialized here and now: a record's bytes are smaller than the event and its strings.
        Add(logEvent.Id, logEvent.Source, LogEventJson.Serialize(logEvent), sent, sent.HasFlag(SentFields.Id) ? EventFingerprint.Of(logEvent, sent) : default);
    }

    private void Add(Guid id, string source, byte[] value, SentFields sent, UInt128 fingerprint) => batch.Add(new RequestEvent(id, source, value, null)
    {
        HasOwnId = sent.HasFlag(SentFields.Id),
        HasOwnTimestamp = sent.HasFlag(SentFields.Timestamp),
        Fingerprint = fingerprint,
    });
}
