using System.Buffers;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Identity;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The events of one request in the order sent: those that may be sent on, and what is wrong with the others.</summary>
internal sealed class EventBatch(LogEventReader reader)
{
    private const int MaxProblemsShown = 4;

    private readonly List<RequestEvent> _entries = [];

    /// <summary>All events of the request, good and bad.</summary>
    public IReadOnlyList<RequestEvent> Entries => _entries;

    /// <summary>How many of them are bad.</summary>
    public int RejectedCount { get; private set; }

    /// <summary>Whether the body was one event by itself, whose answer is then about that event alone.</summary>
    public bool IsSingle { get; set; }

    /// <summary>The problems of the event added last.</summary>
    public IReadOnlyList<EventProblem> LastProblems { get; private set; } = [];

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
        if (_entries.Count == IngestLimits.MaxEvents)
        {
            throw RequestRefusedException.TooManyEvents();
        }

        if (reader.TryReadPlain(json, out var plain))
        {
            LastProblems = [];
            Add(plain.Id, plain.Source, plain.Value, plain.Sent, plain.Sent.HasFlag(SentFields.Id) ? EventFingerprint.Of(plain) : default);
            return;
        }

        LastProblems = reader.Read(json, out var logEvent, out var sent);
        if (logEvent is null)
        {
            _entries.Add(new RequestEvent(Guid.Empty, "", [], Describe(LastProblems)));
            RejectedCount++;
            return;
        }

        // Serialized here and now: a record's bytes are smaller than the event and its strings.
        Add(logEvent.Id, logEvent.Source, LogEventJson.Serialize(logEvent), sent, sent.HasFlag(SentFields.Id) ? EventFingerprint.Of(logEvent, sent) : default);
    }

    private void Add(Guid id, string source, byte[] value, SentFields sent, UInt128 fingerprint) => _entries.Add(new RequestEvent(id, source, value, null)
    {
        HasOwnId = sent.HasFlag(SentFields.Id),
        HasOwnTimestamp = sent.HasFlag(SentFields.Timestamp),
        Fingerprint = fingerprint,
    });

    private static string Describe(IReadOnlyList<EventProblem> problems)
    {
        var shown = string.Join("; ", problems.Take(MaxProblemsShown));
        return problems.Count > MaxProblemsShown ? $"{shown}; and {problems.Count - MaxProblemsShown} more" : shown;
    }
}
