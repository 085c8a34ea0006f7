using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// Clears the way for a statement that waits for a row: ends the sessions whose transactions hold it for too long. What
/// they have done is rolled back; their owners, if they live, try again and are fenced if another has claimed the partition.
/// </summary>
internal sealed class BlockingSessions : IAsyncDisposable
{
    private readonly CancellationTokenSource _done;
    private readonly Task _clearing;

    private BlockingSessions(CancellationTokenSource done, Task clearing) => (_done, _clearing) = (done, clearing);

    /// <summary>Begins; ends when disposed.</summary>
    /// <param name="database">Where further connections come from.</param>
    /// <param name="waiting">The connection whose statement may have to wait.</param>
    /// <param name="patience">How long it waits at least, and how long a transaction has lasted that is ended.</param>
    /// <param name="cancellationToken">Ends it too.</param>
    public static BlockingSessions ClearFor(
        NpgsqlDataSource database, NpgsqlConnection waiting, TimeSpan patience, CancellationToken cancellationToken)
    {
        var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new(done, ClearAsync(database, waiting.ProcessID, patience, done.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _clearing;
        _done.Dispose();
    }

    private static async Task ClearAsync(NpgsqlDataSource database, int waitingProcess, TimeSpan patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Nearly always cancelled: an exception each time would cost more than the statement.
            await Task.Delay(patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            try
            {
                await using var command = database.CreateCommand("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE pid = ANY(pg_blocking_pids($1)) AND xact_start < clock_timestamp() - $2
                    """);
                command.Parameters.Add(new() { Value = waitingProcess });
                command.Parameters.Add(new() { Value = patience });
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
