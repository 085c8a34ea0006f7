namespace LogPartitioning.Consumer;

/// <summary>
/// Growing waits between attempts: each up to twice the one before, up to a bound, and anywhere in the upper half of that,
/// so that instances that failed together do not try again together.
/// </summary>
internal sealed class Backoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private TimeSpan _next;

    public Backoff(TimeSpan first, TimeSpan longest)
    {
        _first = first;
        _longest = longest;
        _next = first;
    }

    /// <summary>Attempts since the last success.</summary>
    public int Attempts { get; private set; }

    /// <summary>How long to wait before the next attempt.</summary>
    public TimeSpan Next()
    {
        Attempts++;
        var wait = _next * (0.5 + Random.Shared.NextDouble() / 2);
        _next = _next * 2 < _longest ? _next * 2 : _longest;
        return wait;
    }

    /// <summary>An attempt succeeded.</summary>
    public void Reset()
    {
        Attempts = 0;
        _next = _first;
    }
}
