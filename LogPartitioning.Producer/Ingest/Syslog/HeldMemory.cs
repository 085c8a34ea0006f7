namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>What one connection holds of the memory that all requests share. Where there is none left it waits, and so does its sender.</summary>
internal sealed class HeldMemory(BufferBudget budget, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(1);

    private BufferBudget.Reservation _reservation = budget.Open();
    private long _held;

    /// <summary>Holds so many bytes, instead of what was held before.</summary>
    public async ValueTask SetAsync(long bytes, CancellationToken cancellationToken)
    {
        if (bytes < _held)
        {
            _reservation.Dispose();
            _reservation = budget.Open();
        }

        for (var delay = s_firstDelay; !TryHold(bytes); delay = delay < s_longestDelay / 2 ? 2 * delay : s_longestDelay)
        {
            await Task.Delay(delay, time, cancellationToken);
        }

        _held = bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _reservation.Dispose();

    private bool TryHold(long bytes)
    {
        try
        {
            _reservation.Hold(bytes, whole: true);
            return true;
        }
        catch (RequestRefusedException)
        {
            return false;
        }
    }
}
