using HdrHistogram;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>Counts a run. All lanes write here.</summary>
internal sealed class LoadCounters(TimeProvider time)
{
    private static readonly long Longest = TimeSpan.FromHours(1).Ticks;

    private readonly Lock _lock = new();
    private readonly LongHistogram _requestTicks = new(Longest, numberOfSignificantValueDigits: 2);
    private readonly SortedDictionary<int, long> _byPartition = [];
    private readonly long _startedAt = time.GetTimestamp();
    private long _lastAcknowledgedAt = time.GetTimestamp();
    private long? _endedAt;
    private LoadStatistics _counts = new(0, 0, 0, 0, 0, 0, 0, default, default, default, default, new Dictionary<int, long>(), null);

    public void Sent(int events) => Count(c => c with { Sent = c.Sent + events });

    public void Retried(int events) => Count(c => c with { Retried = c.Retried + events });

    public void Rejected(string problem) => Count(c => c with { Rejected = c.Rejected + 1, LastProblem = problem });

    public void GivenUp(int events) => Count(c => c with { Unknown = c.Unknown + events });

    public void Answered(TimeSpan duration, string? problem) => Count(c =>
    {
        _requestTicks.RecordValue(Math.Min(duration.Ticks, Longest));
        return c with
        {
            Requests = c.Requests + 1,
            FailedRequests = c.FailedRequests + (problem is null ? 0 : 1),
            LastProblem = problem ?? c.LastProblem,
        };
    });

    public void Acknowledged(IReadOnlyCollection<LedgerEntry> entries) => Count(c =>
    {
        if (entries.Count == 0)
        {
            return c;
        }

        foreach (var entry in entries)
        {
            _byPartition[entry.Partition] = _byPartition.GetValueOrDefault(entry.Partition) + 1;
        }

        var now = time.GetTimestamp();
        var gap = LongestGap(c, now);
        _lastAcknowledgedAt = now;
        return c with { Acknowledged = c.Acknowledged + entries.Count, LongestGap = gap };
    });

    public void End() => Count(c =>
    {
        _endedAt = time.GetTimestamp();
        return c;
    });

    public LoadStatistics Snapshot()
    {
        lock (_lock)
        {
            var now = _endedAt ?? time.GetTimestamp();
            return _counts with
            {
                Elapsed = time.GetElapsedTime(_startedAt, now),
                LongestGap = LongestGap(_counts, now),
                P50 = RequestTime(50),
                P99 = RequestTime(99),
                ByPartition = new SortedDictionary<int, long>(_byPartition),
            };
        }
    }

    private TimeSpan RequestTime(double percentile) =>
        _requestTicks.TotalCount == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(_requestTicks.GetValueAtPercentile(percentile));

    private TimeSpan LongestGap(LoadStatistics counts, long now) =>
        TimeSpan.FromTicks(Math.Max(counts.LongestGap.Ticks, time.GetElapsedTime(_lastAcknowledgedAt, now).Ticks));

    private void Count(Func<LoadStatistics, LoadStatistics> add)
    {
        lock (_lock)
        {
            _counts = add(_counts);
        }
    }
}
