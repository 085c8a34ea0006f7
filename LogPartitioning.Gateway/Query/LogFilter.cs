using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.Query;

/// <summary>Which stored events to read, and from which end. All conditions hold together; what is null does not count.</summary>
internal sealed record LogFilter
{
    /// <summary>The largest <see cref="Limit"/>.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Events of this source alone, all its keys merged.</summary>
    public string? Source { get; init; }

    /// <summary>Events of this partition alone.</summary>
    public int? Partition { get; init; }

    /// <summary>Events of this level alone.</summary>
    public Severity? Level { get; init; }

    /// <summary>Events at least this severe.</summary>
    public Severity? MinLevel { get; init; }

    /// <summary>Events whose timestamp is this or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Events whose timestamp is before this.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Events whose message contains this text, upper and lower case alike; no wildcards.</summary>
    public string? Contains { get; init; }

    /// <summary>Which events come first.</summary>
    public LogOrder Order { get; init; }

    /// <summary>How many events at most, 1 to <see cref="MaxLimit"/>. Large ones make a page shorter.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Where the page before ended; null for the first page. Its order is <see cref="Order"/>.</summary>
    public LogCursor? After { get; init; }

    /// <summary>Whether the index of errors has all events that are asked for.</summary>
    public bool IsAboutErrors => Level >= Severity.Error || MinLevel >= Severity.Error;

    /// <summary>The time in which the events lie that are left to read.</summary>
    public TimeRange Window()
    {
        var whole = new TimeRange(From?.UtcDateTime ?? TimeRange.All.From, To?.UtcDateTime ?? TimeRange.All.To);
        return (After, Order) switch
        {
            (null, _) => whole,
            ({ Place.Timestamp: var last }, LogOrder.Oldest) => whole.And(TimeRange.All with { From = last }),
            ({ Place.Timestamp: var last }, _) => whole.And(TimeRange.UpTo(last)),
        };
    }
}
