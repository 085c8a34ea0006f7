namespace LogPartitioning.Core;

/// <summary>
/// Growing waits between attempts: each up to twice the one before, up to a bound, and anywhere in the upper half of that,
/// so that instances that failed together do not try again together. Not thread-safe.
/// </summary>
/// <param name="first">The first wait.</param>
/// <param name="longest">The bound.</param>
public sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? _next;

    /// <summary>Attempts since the last success.</summary>
    public int Attempts { get; private set; }

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Next()
    {
        Attempts++;
        var bound = _next ?? first;
        _next = bound * 2 < longest ? bound * 2 : longest;
        return bound * (0.5 + Random.Shared.NextDouble() / 2);
    }

    /// <summary>An attempt succeeded.</summary>
    public void Reset()
    {
        Attempts = 0;
        _next = null;
    }
}
