namespace LogPartitioning.Gateway.Requests;

/// <summary>There is as much work as there may be: 503, and try again soon.</summary>
internal sealed class BusyException(string message) : Exception(message);

/// <summary>
/// Lets so much happen at once, in the order of arrival, and keeps the rest waiting: not too many, and not for long.
/// </summary>
/// <param name="busy">What is said to those who do not get their turn.</param>
/// <param name="atOnce">How much may happen at once: the sum of the weights.</param>
/// <param name="waiting">How much may wait.</param>
/// <param name="patience">How long it may wait.</param>
/// <remarks>Unlike with the framework's limiter, a turn can become lighter while it lasts.</remarks>
internal sealed class BoundedTurns(string busy, int atOnce, int waiting, TimeSpan patience)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private int _free = atOnce;
    private int _waiting;

    /// <summary>Waits for a turn, which lasts until it is disposed. Whoever goes away while waiting gives the place back.</summary>
    /// <exception cref="BusyException">Too many wait, or the turn did not come in time.</exception>
    public async Task<Turn> TakeAsync(int weight, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiter;
        lock (_lock)
        {
            if (_waiters.Count == 0 && weight <= _free)
            {
                _free -= weight;
                return new(this, weight);
            }
            if (weight > waiting - _waiting)
            {
                throw new BusyException(busy);
            }
            _waiting += weight;
            waiter = _waiters.AddLast(new Waiter(weight));
        }

        try
        {
            return await waiter.Value.Turn.Task.WaitAsync(patience, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (!Leave(waiter))
            {
                // It came at the same moment, and nobody is there to use it.
                (await waiter.Value.Turn.Task).Dispose();
            }
            cancellationToken.ThrowIfCancellationRequested();
            throw new BusyException(busy);
        }
    }

    private bool Leave(LinkedListNode<Waiter> waiter)
    {
        lock (_lock)
        {
            if (waiter.List is null)
            {
                return false;
            }
            _waiters.Remove(waiter);
            _waiting -= waiter.Value.Weight;
            Serve();
            return true;
        }
    }

    private void GiveBack(int weight)
    {
        lock (_lock)
        {
            _free += weight;
            Serve();
        }
    }

    private void Serve()
    {
        while (_waiters.First is { } first && first.Value.Weight <= _free)
        {
            _waiters.RemoveFirst();
            _waiting -= first.Value.Weight;
            _free -= first.Value.Weight;
            first.Value.Turn.SetResult(new(this, first.Value.Weight));
        }
    }

    private sealed record Waiter(int Weight)
    {
        public TaskCompletionSource<Turn> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A turn. Safe for use from several threads.</summary>
    internal sealed class Turn(BoundedTurns turns, int weight) : IDisposable
    {
        private int _weight = weight;

        /// <summary>Gives back what it weighs beyond <paramref name="weight"/>.</summary>
        public void Lighten(int weight)
        {
            var before = Volatile.Read(ref _weight);
            if (weight < before && Interlocked.CompareExchange(ref _weight, weight, before) == before)
            {
                turns.GiveBack(before - weight);
            }
        }

        /// <inheritdoc />
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _weight, 0) is > 0 and var weight)
            {
                turns.GiveBack(weight);
            }
        }
    }
}
