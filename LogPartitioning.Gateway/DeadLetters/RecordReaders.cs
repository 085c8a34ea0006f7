using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>
/// A few Kafka clients that requests take turns with: a client of its own for each would be threads, connections and buffers
/// without a bound. They are made when first needed, and closed when nobody has needed them for a while.
/// </summary>
internal sealed class RecordReaders : IDisposable
{
    // With what a fetch brings beyond it, a client holds a few times that much.
    private const int AheadKilobytes = 2048;

    private readonly ClientConfig _config;
    private readonly TimeProvider _time;
    private readonly TimeSpan _keep;
    private readonly BoundedTurns _turns;
    private readonly Lock _lock = new();
    private readonly Stack<(RecordRangeReader Client, long Since)> _idle = new();
    private readonly ITimer _closing;
    private int _open;
    private bool _disposed;

    /// <summary>No clients yet.</summary>
    /// <param name="config">How to reach the brokers.</param>
    /// <param name="clients">How many there are at most.</param>
    /// <param name="waiting">How many requests may wait for one.</param>
    /// <param name="patience">How long they may wait.</param>
    /// <param name="keep">How long a client is kept that nobody needs.</param>
    /// <param name="time">The clock of the keeping.</param>
    public RecordReaders(ClientConfig config, int clients, int waiting, TimeSpan patience, TimeSpan keep, TimeProvider time)
    {
        _config = config;
        _time = time;
        _keep = keep;
        _turns = new("As many requests read the brokers' records as may. Try again soon.", clients, waiting, patience);
        _closing = time.CreateTimer(_ => CloseIdle(), null, keep, keep);
    }

    /// <summary>How many clients there are now.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Waits for a client and reads with it. Whoever goes away while waiting gives the place back.</summary>
    /// <exception cref="BusyException">Too many wait, or no client was free in time.</exception>
    public async Task<T> ReadAsync<T>(Func<RecordRangeReader, Task<T>> read, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(1, cancellationToken);
        var client = Take();
        var usable = false;
        try
        {
            var result = await read(client);
            usable = true;
            return result;
        }
        catch (OperationCanceledException)
        {
            usable = true;
            throw;
        }
        finally
        {
            // One that has failed may be what failed: the next request gets another.
            GiveBack(client, usable);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _closing.Dispose();
        lock (_lock)
        {
            _disposed = true;
        }
        CloseIdle();
    }

    private RecordRangeReader Take()
    {
        lock (_lock)
        {
            if (_idle.TryPop(out var idle))
            {
                return idle.Client;
            }
        }
        var client = new RecordRangeReader(_config, AheadKilobytes);
        Interlocked.Increment(ref _open);
        return client;
    }

    private void GiveBack(RecordRangeReader client, bool usable)
    {
        if (usable)
        {
            client.Stop();
            lock (_lock)
            {
                if (!_disposed)
                {
                    _idle.Push((client, _time.GetTimestamp()));
                    return;
                }
            }
        }
        Close(client);
    }

    private void CloseIdle()
    {
        List<RecordRangeReader> closing = [];
        lock (_lock)
        {
            var kept = _idle.Where(idle => !_disposed && _time.GetElapsedTime(idle.Since) < _keep).Reverse().ToList();
            closing.AddRange(_idle.Except(kept).Select(idle => idle.Client));
            _idle.Clear();
            kept.ForEach(_idle.Push);
        }
        closing.ForEach(Close);
    }

    private void Close(RecordRangeReader client)
    {
        client.Dispose();
        Interlocked.Decrement(ref _open);
    }
}
