namespace LogPartitioning.Gateway.Console;

/// <summary>How many pages are open at once: each renders its content every few seconds.</summary>
internal sealed class LiveStreams : IDisposable
{
    /// <summary>How many there may be.</summary>
    public const int Most = 200;

    /// <summary>How many contents are made at the same time: each holds what it shows.</summary>
    private const int MostMade = 4;

    private readonly SemaphoreSlim _making = new(MostMade, MostMade);
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

    /// <summary>Makes a content, in turn.</summary>
    public async Task<string> MakeAsync(Func<Task<string>> make, CancellationToken cancellationToken)
    {
        await _making.WaitAsync(cancellationToken);
        try
        {
            return await make();
        }
        finally
        {
            _making.Release();
        }
    }

    public void Dispose() => _making.Dispose();

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
