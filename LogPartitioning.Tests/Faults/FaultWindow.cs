namespace LogPartitioning.Tests.Faults;

/// <summary>One fault: when it was done, and when it was undone; the same moment for a kill, which nothing undoes.</summary>
internal sealed class FaultWindow(DateTimeOffset from)
{
    public DateTimeOffset From { get; } = from;

    public DateTimeOffset To { get; private set; } = from;

    /// <summary>The fault is undone.</summary>
    public void End() => To = DateTimeOffset.UtcNow;

    /// <summary>
    /// From the end of the fault to the end of the last pause that it overlaps or that began soon after it (a session
    /// expires late); null where nothing paused.
    /// </summary>
    /// <param name="pauses">The pauses of the run.</param>
    /// <param name="soon">How long after the end of the fault a pause may begin that is due to it.</param>
    /// <param name="next">When the next fault was done; everything had recovered by then.</param>
    public TimeSpan? Recovery(IEnumerable<StoredPause> pauses, TimeSpan soon, DateTimeOffset next)
    {
        var ends = pauses.Where(p => p.To > From && p.To <= next && p.From < To + soon).Select(p => p.To).ToList();
        return ends.Count == 0 ? null : ends.Max() > To ? ends.Max() - To : TimeSpan.Zero;
    }
}
