namespace LogPartitioning.Gateway.Query;

/// <summary>How long a bucket is. Buckets begin at whole steps of UTC.</summary>
/// <param name="Name">As it stands in requests and answers.</param>
/// <param name="Length">Its length.</param>
internal sealed record HistogramStep(string Name, TimeSpan Length)
{
    /// <summary>How many buckets an answer has at most.</summary>
    public const int MaxBuckets = 1500;

    /// <summary>The longest time that is counted: in days it has fewer buckets than there may be.</summary>
    public static readonly TimeSpan LongestRange = TimeSpan.FromDays(366);

    /// <summary>All that there are, the finest first.</summary>
    public static IReadOnlyList<HistogramStep> All { get; } =
    [
        new("1m", TimeSpan.FromMinutes(1)), new("5m", TimeSpan.FromMinutes(5)), new("1h", TimeSpan.FromHours(1)), new("1d", TimeSpan.FromDays(1)),
    ];

    /// <summary>The finest in which a range has no more buckets than there may be.</summary>
    public static HistogramStep FinestFor(TimeRange range) => All.First(step => step.BucketsIn(range) <= MaxBuckets);

    /// <summary>The range made longer, so that it is of whole minutes.</summary>
    public static TimeRange WholeMinutes(TimeRange range)
    {
        var to = (range.To.Ticks + TimeSpan.TicksPerMinute - 1) / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute;
        return new(Floor(range.From, TimeSpan.TicksPerMinute), to > DateTime.MaxValue.Ticks ? TimeRange.All.To : new(to, DateTimeKind.Utc));
    }

    /// <summary>Where the bucket of a time begins.</summary>
    public DateTime StartOf(DateTime time) => Floor(time, Length.Ticks);

    /// <summary>How many buckets a range has, those that it cuts too.</summary>
    public int BucketsIn(TimeRange range) => (int)((range.To.Ticks - StartOf(range.From).Ticks + Length.Ticks - 1) / Length.Ticks);

    private static DateTime Floor(DateTime time, long ticks) => new(time.Ticks - time.Ticks % ticks, DateTimeKind.Utc);
}
