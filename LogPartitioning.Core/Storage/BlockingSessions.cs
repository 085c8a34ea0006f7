using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>
/// Clears the way for a statement that waits for a row: ends the sessions whose transactions hold it for too long. What
/// they have done is rolled back; their owners, if they live, try again and are fenced if another has claimed the partition.
/// </summary>
internal sealed class BlockingSessions : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly int _waitingProcess;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _done;
    private readonly Task _clearing;

    private BlockingSessions(NpgsqlDataSource database, int waitingProcess, TimeSpan patience, CancellationToken cancellationToken)
    {
        _database = database;
        _waitingProcess = waitingProcess;
        _patience = patience;
        _done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _clearing = ClearAsync(_done.Token);
    }

    /// <summary>Begins; ends when disposed.</summary>
    /// <param name="database">Where further connections come from.</param>
    /// <param name="waiting">The connection whose statement may have to wait.</param>
    /// <param name="patience">How long it waits at least, and how long a transaction has lasted that is ended.</param>
    /// <param name="cancellationToken">Ends it too.</param>
    public static BlockingSessions ClearFor(
        NpgsqlDataSource database, NpgsqlConnection waiting, TimeSpan patience, CancellationToken cancellationToken) =>
        new(database, waiting.ProcessID, patience, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _clearing;
        _done.Dispose();
    }

    private async Task ClearAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Nearly always cancelled: an exception each time would cost more than the statement.
            await Task.Delay(_patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            try
            {
                await using var command = _database.CreateCommand("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE pid = ANY(pg_blocking_pids($1)) AND xact_start < clock_timestamp() - $2
                    """);
                command.Parameters.Add(new() { Value = _waitingProcess });
                command.Parameters.Add(new() { Value = _patience });
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or NpgsqlException)
            {
                // The statement is over, or will report what is wrong with the database itself.
                return;
            }
        }
    }
}
