namespace LogPartitioning.LoadTest.Load;

/// <summary>
/// Durations in logarithmic buckets: memory is bounded whatever the run's length, and a quantile is at most 2 % above
/// the true one. From 10 µs to about 17 min; what is outside counts at the edge.
/// </summary>
public sealed class LatencyHistogram
{
    private const double Smallest = 10e-6;
    private const double Growth = 1.02;
    private const int Buckets = 932;

    private readonly long[] _counts = new long[Buckets];
    private readonly Lock _lock = new();
    private long _total;
    private TimeSpan _longest;

    /// <summary>Durations recorded.</summary>
    public long Count
    {
        get
        {
            lock (_lock)
            {
                return _total;
            }
        }
    }

    /// <summary>Records one duration.</summary>
    public void Record(TimeSpan duration)
    {
        var bucket = duration.TotalSeconds <= Smallest
            ? 0
            : Math.Min(Buckets - 1, (int)Math.Ceiling(Math.Log(duration.TotalSeconds / Smallest, Growth)));
        lock (_lock)
        {
            _counts[bucket]++;
            _total++;
            _longest = duration > _longest ? duration : _longest;
        }
    }

    /// <summary>
    /// The nearest-rank quantile: the smallest recorded duration that at least <paramref name="q"/> of all do not
    /// exceed, rounded up to its bucket's end. <see cref="TimeSpan.Zero"/> where nothing was recorded.
    /// </summary>
    /// <param name="q">From above 0 to 1, where 1 is the longest.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="q"/> is outside its range.</exception>
    public TimeSpan Quantile(double q)
    {
        if (q is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(q), q, "A quantile is above 0 and at most 1.");
        }

        lock (_lock)
        {
            var rank = (long)Math.Ceiling(q * _total);
            long seen = 0;
            for (var bucket = 0; bucket < Buckets; bucket++)
            {
                seen += _counts[bucket];
                if (seen >= rank && seen > 0)
                {
                    var end = TimeSpan.FromSeconds(Smallest * Math.Pow(Growth, bucket));
                    return end < _longest ? end : _longest;
                }
            }

            return TimeSpan.Zero;
        }
    }
}
