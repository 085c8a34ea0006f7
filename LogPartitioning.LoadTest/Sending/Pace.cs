namespace LogPartitioning.LoadTest.Sending;

/// <summary>
/// Spaces a lane's events evenly. What could not be sent during a stall is not made up for beyond one second's worth:
/// the load after an outage is the load before it.
/// </summary>
internal sealed class Pace(double rate, TimeProvider time)
{
    /// <summary>Below this, sending one event after the other would only cost requests.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private long _startedAt = time.GetTimestamp();
    private double _sent;

    /// <summary>Waits until at least one event is due and tells how many are, at most <paramref name="most"/>.</summary>
    public async ValueTask<int> WaitAsync(int most, CancellationToken cancellationToken)
    {
        if (rate <= 0)
        {
            return most;
        }

        while (true)
        {
            var due = Due();
            if (due >= 1)
            {
                return (int)Math.Min(due, most);
            }

            var untilNext = TimeSpan.FromSeconds((1 - due) / rate);
            await Task.Delay(untilNext > Tick ? untilNext : Tick, time, cancellationToken);
        }
    }

    public void Sent(int events) => _sent += events;

    private double Due()
    {
        var due = (time.GetElapsedTime(_startedAt).TotalSeconds * rate) - _sent;
        var most = Math.Max(1, rate);
        if (due > most)
        {
            _startedAt = time.GetTimestamp();
            _sent = -most;
            return most;
        }

        return due;
    }
}
