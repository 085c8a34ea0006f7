using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>Tells whom a session of this program waits for, while it does.</summary>
internal sealed class LockWatch : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.5);

    private readonly CancellationTokenSource _done;
    private readonly Task _watching;

    private LockWatch(CancellationTokenSource done, Task watching) => (_done, _watching) = (done, watching);

    /// <summary>Begins; ends when disposed.</summary>
    /// <param name="database">Where a further connection comes from.</param>
    /// <param name="connection">A connection in a transaction: only there is a pooler sure to keep its session.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Told of each session that is in the way, again and again.</param>
    /// <param name="cancellationToken">Ends it too.</param>
    /// <param name="interval">How long after the beginning it looks, and between two looks; null is 0.5 s. It has to be shorter than what is waited for.</param>
    public static async Task<LockWatch> StartAsync(
        NpgsqlDataSource database,
        NpgsqlConnection connection,
        NpgsqlTransaction? transaction,
        TimeProvider time,
        Action<BlockingSession> tell,
        CancellationToken cancellationToken,
        TimeSpan? interval = null)
    {
        await using var command = new NpgsqlCommand("SELECT pg_backend_pid()", connection, transaction);
        var pid = (int)(await command.ExecuteScalarAsync(cancellationToken))!;
        var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new(done, WatchAsync(database, pid, interval ?? s_interval, time, tell, done.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _watching;
        _done.Dispose();
    }

    private static async Task WatchAsync(NpgsqlDataSource database, int pid, TimeSpan interval, TimeProvider time, Action<BlockingSession> tell, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Nearly always cancelled: an exception each time would cost more than the wait.
            await Task.Delay(interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                foreach (var session in await BlockingSession.ReadAsync(database, pid, cancellationToken))
                {
                    tell(session);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or NpgsqlException)
            {
                // The wait is over, or its own session will report what is wrong with the database.
                return;
            }
        }
    }
}
