using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>
/// What went where lately: events per partition, exactly, and the heaviest keys, by <see cref="SpaceSaving{T}"/>. The
/// window slides in steps of a twelfth of its length, so it covers between 11/12 and all of that length. Memory is
/// bounded by 13 summaries, whatever the number of sources. Safe for concurrent use.
/// </summary>
internal sealed class LoadWindow
{
    private const int Steps = 12;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _stepTicks;
    private readonly Step[] _steps = new Step[Steps];
    private readonly long[] _recent;
    private readonly SpaceSaving<SourceKey> _everything;
    private long _currentStep;

    /// <summary>An empty window.</summary>
    /// <param name="partitions">How many partitions the topic has.</param>
    /// <param name="length">How far back it reaches.</param>
    /// <param name="trackedKeys">How many keys each step keeps.</param>
    /// <param name="time">The clock.</param>
    public LoadWindow(int partitions, TimeSpan length, int trackedKeys, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.FromMilliseconds(Steps));
        _time = time;
        _stepTicks = length.Ticks / Steps;
        Length = length;
        _recent = new long[partitions];
        _everything = new SpaceSaving<SourceKey>(trackedKeys, ByKey.Instance);
        for (var i = 0; i < Steps; i++)
        {
            _steps[i] = new Step(new long[partitions], new SpaceSaving<SourceKey>(trackedKeys, ByKey.Instance));
        }

        _currentStep = StepNow();
    }

    /// <summary>How far back the window reaches.</summary>
    public TimeSpan Length { get; }

    /// <summary>Counts one event to <paramref name="key"/>.</summary>
    public void Add(in SourceKey key)
    {
        lock (_lock)
        {
            Slide();
            Count(key);
        }
    }

    /// <summary>Counts one event to each of <paramref name="keys"/>, in one step.</summary>
    public void Add(ReadOnlySpan<SourceKey> keys)
    {
        lock (_lock)
        {
            Slide();
            foreach (ref readonly var key in keys)
            {
                Count(key);
            }
        }
    }

    /// <summary>
    /// Picks the key whose partition has the least events in the window, and counts one event to it, in one step: of a
    /// burst, each event sees the ones before it.
    /// </summary>
    /// <param name="keys">The keys to pick from; the first of equals is picked.</param>
    public SourceKey AddToLeastLoaded(IReadOnlyList<SourceKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        lock (_lock)
        {
            Slide();
            var least = keys[0];
            for (var i = 1; i < keys.Count; i++)
            {
                if (_recent[keys[i].Partition] < _recent[least.Partition])
                {
                    least = keys[i];
                }
            }

            Count(least);
            return least;
        }
    }

    /// <summary>The window as it is now.</summary>
    public LoadSnapshot Read()
    {
        lock (_lock)
        {
            Slide();

            // Summaries of disjoint parts merge by adding (Agarwal et al., "Mergeable summaries", PODS 2012): a key that a
            // part does not keep may have had at most that part's smallest count there.
            var missed = _steps.Sum(step => step.Keys.LargestMissed);
            var merged = new Dictionary<SourceKey, KeyLoad>();
            foreach (var step in _steps)
            {
                foreach (var entry in step.Keys.Entries)
                {
                    var sofar = merged.GetValueOrDefault(entry.Item, new KeyLoad(entry.Item, missed, missed));
                    merged[entry.Item] = sofar with
                    {
                        Events = sofar.Events + entry.Count - step.Keys.LargestMissed,
                        Error = sofar.Error + entry.Error - step.Keys.LargestMissed,
                    };
                }
            }

            return new LoadSnapshot(
                [.. _recent],
                [.. merged.Values.OrderByDescending(key => key.Events)],
                [.. _everything.Entries.Select(entry => new KeyLoad(entry.Item, entry.Count, entry.Error)).OrderByDescending(key => key.Events)],
                _everything.Total);
        }
    }

    private void Count(in SourceKey key)
    {
        var step = _steps[_currentStep % Steps];
        step.Partitions[key.Partition]++;
        _recent[key.Partition]++;
        step.Keys.Add(key);
        _everything.Add(key);
    }

    private void Slide()
    {
        var now = StepNow();
        if (now <= _currentStep)
        {
            return; // The same step, or a clock that was set back: the current step then lasts longer.
        }

        for (var step = Math.Max(_currentStep + 1, now - Steps + 1); step <= now; step++)
        {
            var emptied = _steps[step % Steps];
            for (var partition = 0; partition < _recent.Length; partition++)
            {
                _recent[partition] -= emptied.Partitions[partition];
            }

            Array.Clear(emptied.Partitions);
            emptied.Keys.Clear();
        }

        _currentStep = now;
    }

    private long StepNow() => _time.GetUtcNow().UtcTicks / _stepTicks;

    /// <summary>The key's text tells nearly all apart, and is hashed alone.</summary>
    private sealed class ByKey : IEqualityComparer<SourceKey>
    {
        public static readonly ByKey Instance = new();

        public bool Equals(SourceKey x, SourceKey y) => x.Key == y.Key && x.Source == y.Source && x.Partition == y.Partition;

        public int GetHashCode(SourceKey key) => key.Key.GetHashCode(StringComparison.Ordinal);
    }

    private sealed record Step(long[] Partitions, SpaceSaving<SourceKey> Keys);
}
