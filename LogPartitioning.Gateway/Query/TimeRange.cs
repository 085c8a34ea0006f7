namespace LogPartitioning.Gateway.Query;

/// <summary>A stretch of time, in UTC.</summary>
/// <param name="From">Its first moment.</param>
/// <param name="To">The first moment after it.</param>
internal readonly record struct TimeRange(DateTime From, DateTime To)
{
    /// <summary>All of time: the ends, which no event has, are infinite to the database.</summary>
    public static TimeRange All { get; } = new(DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));

    /// <summary>Whether nothing lies in it.</summary>
    public bool IsEmpty => From >= To;

    /// <summary>All of time until after <paramref name="last"/>.</summary>
    public static TimeRange UpTo(DateTime last) =>
        All with { To = last.Ticks > DateTime.MaxValue.Ticks - TimeSpan.TicksPerMicrosecond ? All.To : last.AddTicks(TimeSpan.TicksPerMicrosecond) };

    /// <summary>What lies in both.</summary>
    public TimeRange And(TimeRange other) => new(From > other.From ? From : other.From, To < other.To ? To : other.To);

    /// <summary>
    /// This range in pieces, in the order of reading: each day that has a partition of its own, and what lies between, before and after them. A
    /// statement about one piece reads one partition, also where the database could not tell that the others need not be read: the partition of
    /// all other times has no place in the order of the days. Nothing is left out where the days have changed meanwhile.
    /// </summary>
    public IEnumerable<TimeRange> ByDay(IEnumerable<DateOnly> days, LogOrder order)
    {
        var pieces = new List<TimeRange>();
        var end = From;
        foreach (var day in days.Order())
        {
            var piece = And(new(day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), day.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)));
            if (piece.IsEmpty)
            {
                continue;
            }

            Add(new(end, piece.From));
            Add(piece);
            end = piece.To;
        }

        Add(new(end, To));
        return order == LogOrder.Oldest ? pieces : pieces.AsEnumerable().Reverse();

        void Add(TimeRange piece)
        {
            if (!piece.IsEmpty)
            {
                pieces.Add(piece);
            }
        }
    }
}
