using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The events of one request: those that may be sent on, and what is wrong with the others.</summary>
internal sealed class EventBatch
{
    private const int MaxProblemsShown = 4;

    private readonly List<RequestEvent> _entries = [];
    private int[]? _places;

    /// <summary>All events of the request, good and bad, in the order in which they are sent.</summary>
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

    /// <summary>Puts the events into another order.</summary>
    /// <param name="places">The place that each has in the request, in the order in which they are to be sent: every place once.</param>
    public void Reorder(int[] places)
    {
        RequestEvent[] before = [.. _entries];
        for (var i = 0; i < places.Length; i++)
        {
            _entries[i] = before[places[i]];
        }

        _places = places;
    }

    /// <summary>The place in the request of the event that has this one in <see cref="Entries"/>.</summary>
    public int PlaceOf(int index) => _places is null ? index : _places[index];

    private static string Describe(IReadOnlyList<EventProblem> problems)
    {
        var shown = string.Join("; ", problems.Take(MaxProblemsShown));
        return problems.Count > MaxProblemsShown ? $"{shown}; and {problems.Count - MaxProblemsShown} more" : shown;
    }
}
