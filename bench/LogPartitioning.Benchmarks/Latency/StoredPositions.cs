using System.Diagnostics;
using Npgsql;

namespace LogPartitioning.Benchmarks.Latency;

/// <summary>
/// When each partition's position in the store moved, as a client sees it that asks again and again. Position and events are
/// written in one transaction, so an event can be read as soon as the position is beyond its offset; to ask for twelve positions costs the
/// server next to nothing, to ask for events would not.
/// </summary>
internal sealed class StoredPositions(string connection, string topic, TimeSpan interval) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(connection);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<int, List<(long Time, long Next)>> _moves = [];
    private readonly Lock _lock = new();
    private Task _polling = Task.CompletedTask;

    /// <summary>How often it asked.</summary>
    public int Polls { get; private set; }

    public void Start() => _polling = Task.Run(PollAsync);

    /// <summary>The sum of the positions, from the last answer.</summary>
    public long Total
    {
        get
        {
            lock (_lock)
            {
                return _moves.Values.Sum(moves => moves[^1].Next);
            }
        }
    }

    /// <summary>The moves of each partition, oldest first: the time by <see cref="Stopwatch"/>, and the position from then on.</summary>
    public Dictionary<int, List<(long Time, long Next)>> Moves()
    {
        lock (_lock)
        {
            return _moves.ToDictionary(partition => partition.Key, partition => partition.Value.ToList());
        }
    }

    /// <summary>Fails where asking has failed.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _polling;
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Dispose();
        await _database.DisposeAsync();
    }

    private async Task PollAsync()
    {
        await using var session = await _database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT partition, next_offset FROM consumer_offsets WHERE topic = $1", session);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        await command.PrepareAsync();
        using var timer = new PeriodicTimer(interval);
        while (!_stop.IsCancellationRequested)
        {
            await using (var reader = await command.ExecuteReaderAsync())
            {
                // The answer is here: what it says was so before.
                var now = Stopwatch.GetTimestamp();
                while (await reader.ReadAsync())
                {
                    Keep(reader.GetInt32(0), now, reader.GetInt64(1));
                }
            }

            Polls++;
            await timer.WaitForNextTickAsync();
        }
    }

    private void Keep(int partition, long now, long next)
    {
        lock (_lock)
        {
            if (!_moves.TryGetValue(partition, out var moves))
            {
                _moves.Add(partition, moves = []);
            }

            if (moves.Count == 0 || moves[^1].Next != next)
            {
                moves.Add((now, next));
            }
        }
    }
}
