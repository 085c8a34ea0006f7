using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The events of one request in the order sent: those that may be sent on, and what is wrong with the others.</summary>
internal sealed class EventBatch
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

    /// <summary>Sees to it before an event is read that there may be one more.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void RequireRoom()
    {
        if (_entries.Count == IngestLimits.MaxEvents)
        {
            throw RequestRefusedException.TooManyEvents();
        }
    }

    /// <summary>Adds an event that may be sent on.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Add(in RequestEvent entry)
    {
        RequireRoom();
        LastProblems = [];
        _entries.Add(entry);
    }

    /// <summary>Adds an event that may not, and why.</summary>
    /// <exception cref="RequestRefusedException">413: it is one too many.</exception>
    public void Reject(params IReadOnlyList<EventProblem> problems)
    {
        RequireRoom();
        LastProblems = problems;
        _entries.Add(new RequestEvent(Guid.Empty, "", [], Describe(problems)));
        RejectedCount++;
    }

    private static string Describe(IReadOnlyList<EventProblem> problems)
    {
        var shown = string.Join("; ", problems.Take(MaxProblemsShown));
        return problems.Count > MaxProblemsShown ? $"{shown}; and {problems.Count - MaxProblemsShown} more" : shown;
    }
}
