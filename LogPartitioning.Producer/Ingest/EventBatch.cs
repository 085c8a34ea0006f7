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

    /// <summary>Whether the body was one event by itself, whose answer is then about that event alone.</summary>
    public bool IsSingle { get; set; }

    /// <summary>The problems of the event added last.</summary>
    public IReadOnlyList<EventProblem> LastProblems { get; private set; } = [];

    /// <summary>Adds the event that <paramref name="json"/> should be.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(ReadOnlySequence<byte> json)
    {
        if (_entries.Count == IngestLimits.MaxEvents)
        {
            throw RequestRefusedException.TooManyEvents();
        }

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

    private void Add(ReadOnlySpan<byte> json)
    {
        LastProblems = reader.Read(json, out var logEvent, out var sent);
        _entries.Add(logEvent is null
            ? new RequestEvent(Guid.Empty, "", [], Describe(LastProblems))
            // Serialized here and now: a record's bytes are smaller than the event and its strings.
            : new RequestEvent(logEvent.Id, logEvent.Source, LogEventJson.Serialize(logEvent), null)
            {
                HasOwnId = sent.HasFlag(SentFields.Id),
                HasOwnTimestamp = sent.HasFlag(SentFields.Timestamp),
                Fingerprint = sent.HasFlag(SentFields.Id) ? EventFingerprint.Of(logEvent, sent) : default,
            });
    }

    private static string Describe(IReadOnlyList<EventProblem> problems)
    {
        var shown = string.Join("; ", problems.Take(MaxProblemsShown));
        return problems.Count > MaxProblemsShown ? $"{shown}; and {problems.Count - MaxProblemsShown} more" : shown;
    }
}
