
namespace LogPartitioning.LoadTest.Load;

/// <summary>Counts a run. All lanes write here.</summary>
internal sealed class LoadCounters(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LatencyHistogram _latency = new();
    private readonly SortedDictionary<int, long> _byPartition = [];
    private long _sent;
    private long _acknowledged;
    private long _rejected;
    private long _unknown;
    private long _retried;
    private long _requests;
    private long _failedRequests;
    private string? _lastProblem;
    private long _startedAt = time.GetTimestamp();
    private long _lastAcknowledgedAt = time.GetTimestamp();
    private long? _endedAt;
    private TimeSpan _longestGap;

    public void Start()
    {
        lock (_lock)
        {
            _startedAt = _lastAcknowledgedAt = time.GetTimestamp();
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _endedAt ??= time.GetTimestamp();
        }
    }

    public void Sent(int events)
    {
        lock (_lock)
        {
            _sent += events;
        }
    }

    public void Retried(int events)
    {
        lock (_lock)
        {
            _retried += events;
        }
    }

    public void Answered(TimeSpan duration, string? problem)
    {
        _latency.Record(duration);
        lock (_lock)
        {
            _requests++;
            if (problem is not null)
            {
                _failedRequests++;
                _lastProblem = problem;
            }
        }
    }

    public void Acknowledged(IReadOnlyList<Ledgers.LedgerEntry> entries)
    {
        if (entries.Count == 0)
        {
            return;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            var gap = time.GetElapsedTime(_lastAcknowledgedAt, now);
            _longestGap = gap > _longestGap ? gap : _longestGap;
            _lastAcknowledgedAt = now;
            _acknowledged += entries.Count;
            foreach (var entry in entries)
            {
                _byPartition[entry.Partition] = _byPartition.GetValueOrDefault(entry.Partition) + 1;
            }
        }
    }

    public void Rejected(int events, string? problem)
    {
        lock (_lock)
        {
            _rejected += events;
            _lastProblem = problem ?? _lastProblem;
        }
    }

    public void GivenUp(int events)
    {
        lock (_lock)
        {
            _unknown += events;
        }
    }

    public LoadStatistics Snapshot()
    {
        var p50 = _latency.Quantile(0.5);
        var p99 = _latency.Quantile(0.99);
        lock (_lock)
        {
            var now = _endedAt ?? time.GetTimestamp();
            var running = time.GetElapsedTime(_lastAcknowledgedAt, now);
            return new LoadStatistics(
                _sent,
                _acknowledged,
                _rejected,
                _unknown,
                _retried,
                _requests,
                _failedRequests,
                time.GetElapsedTime(_startedAt, now),
                running > _longestGap ? running : _longestGap,
                p50,
                p99,
                new SortedDictionary<int, long>(_byPartition),
                _lastProblem);
        }
    }
}
