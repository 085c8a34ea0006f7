namespace LogPartitioning.Core.Lag;

/// <summary>
/// When a partition ended where: readings of (time, end offset), from which the time at which an offset was written follows by
/// interpolation. It works on every broker, also on those whose records carry no time, and needs no record to be read.
/// </summary>
/// <remarks>
/// Bounded: when full, every second reading of the older half is dropped, so that the recent past stays fine and the
/// distant one becomes coarse. A partition that does not grow adds no readings. Not safe for use from several threads.
/// </remarks>
internal sealed class EndOffsetTimeline
{
    public const int Capacity = 512;

    private readonly List<(DateTimeOffset At, long End)> _points = [];

    public int Count => _points.Count;

    public void Add(DateTimeOffset at, long end)
    {
        if (_points.Count > 0 && end < _points[^1].End)
        {
            // The topic was deleted and created again, or lost its tail: what was known is of another history.
            _points.Clear();
        }

        // Of a stretch without growth, its beginning and its end say all.
        if (_points.Count > 1 && _points[^1].End == end && _points[^2].End == end)
        {
            _points[^1] = (at, end);
            return;
        }

        if (_points.Count == Capacity)
        {
            Thin();
        }

        _points.Add((at, end));
    }

    /// <summary>How long ago the record at <paramref name="offset"/> was written.</summary>
    /// <returns>The age, and whether it is a lower bound because the record is older than the first reading.</returns>
    public (TimeSpan Age, bool AtLeast) AgeOf(long offset, DateTimeOffset now)
    {
        if (_points.Count == 0 || offset >= _points[^1].End)
        {
            return (TimeSpan.Zero, false);
        }

        if (offset < _points[0].End)
        {
            return (now - _points[0].At, true);
        }

        // The first reading that ends beyond the offset; the one before it ends at or below.
        var (low, high) = (1, _points.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _points[middle].End > offset ? (low, middle) : (middle + 1, high);
        }

        var (before, after) = (_points[low - 1], _points[low]);
        var written = before.At + ((after.At - before.At) * ((offset - before.End + 0.5) / (after.End - before.End)));
        return (now > written ? now - written : TimeSpan.Zero, false);
    }

    private void Thin()
    {
        var kept = 1;
        for (var i = 1; i < _points.Count; i++)
        {
            if (i >= _points.Count / 2 || i % 2 == 0)
            {
                _points[kept++] = _points[i];
            }
        }

        _points.RemoveRange(kept, _points.Count - kept);
    }
}
