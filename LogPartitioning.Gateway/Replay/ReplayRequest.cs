namespace LogPartitioning.Gateway.Replay;

/// <summary>Which stored history to process again.</summary>
/// <param name="Partition">The partition, from 0, or null for all.</param>
/// <param name="From">Where to start.</param>
internal sealed record ReplayRequest(int? Partition, ReplayStart From);

/// <summary>Where a replay starts: at an offset or at a time.</summary>
internal abstract record ReplayStart
{
    private ReplayStart()
    {
    }

    /// <summary>At an offset, in each partition that is replayed.</summary>
    /// <param name="Value">The offset, at least 0.</param>
    public sealed record Offset(long Value) : ReplayStart;

    /// <summary>At the first record that came in at or after a time.</summary>
    /// <param name="Value">The time.</param>
    /// <remarks>
    /// Brokers that keep record timestamps are asked for it. Older ones cannot know; there the store is: the start is
    /// behind the last record that was stored before the time. That may be too early (rows may be missing, which may be
    /// why history is replayed), which costs time and changes nothing, but never too late: what came in at or after the
    /// time was stored after it. Of a partition from which nothing was stored before the time, the start is the oldest
    /// record that the brokers hold.
    /// </remarks>
    public sealed record Time(DateTimeOffset Value) : ReplayStart;
}
