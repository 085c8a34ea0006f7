namespace LogPartitioning.Gateway.Console;

/// <summary>How many pages are open at once: each renders its content every few seconds.</summary>
internal sealed class LiveStreams
{
    /// <summary>How many there may be.</summary>
    public const int Most = 200;

    private int _open;

    /// <summary>A place until it is disposed; null when all are taken.</summary>
    public IDisposable? TryOpen()
    {
        if (Interlocked.Increment(ref _open) <= Most)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _open);
        return null;
    }

    private sealed class Place(LiveStreams streams) : IDisposable
    {
        private int _closed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
            {
                Interlocked.Decrement(ref streams._open);
            }
        }
    }
}
