using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// Clears the way for a statement that waits for a row: ends the sessions whose transactions hold it for too long. What
/// they have done is rolled back; their owners, if they live, try again and are fenced if another has claimed the partition.
/// </summary>
internal sealed class BlockingSessions : IAsyncDisposable
{
    /// <summary>The server keeps no more than the beginning of a statement (<c>track_activity_query_size</c>, at least 100 bytes).</summary>
    private const int ComparedLength = 99;

    private readonly CancellationTokenSource _done;
    private readonly Task _clearing;

    private BlockingSessions(CancellationTokenSource done, Task clearing) => (_done, _clearing) = (done, clearing);

    /// <summary>Begins; ends when disposed.</summary>
    /// <param name="database">Where further connections come from.</param>
    /// <param name="waiting">The statement that may have to wait. Its session is found by its text: the process id that a connection knows is
    /// not that of the session where a pooler stands between them.</param>
    /// <param name="patience">How long it waits at least, and how long a transaction has lasted that is ended.</param>
    /// <param name="cancellationToken">Ends it too.</param>
    public static BlockingSessions ClearFor(
        NpgsqlDataSource database, NpgsqlCommand waiting, TimeSpan patience, CancellationToken cancellationToken)
    {
        var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new(done, ClearAsync(database, waiting.CommandText, patience, done.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _clearing;
        _done.Dispose();
    }

    private static async Task ClearAsync(NpgsqlDataSource database, string statement, TimeSpan patience, CancellationToken cancellationToken)
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
                // A migration is somebody's work, not an orphan's: it is waited for, however long it takes.
                await using var command = database.CreateCommand($"""
                    SELECT pg_terminate_backend(blocking.pid)
                    FROM pg_stat_activity AS waiting
                    JOIN pg_stat_activity AS blocking ON blocking.pid = ANY(pg_blocking_pids(waiting.pid))
                    WHERE waiting.datname = current_database() AND waiting.wait_event_type = 'Lock'
                      AND left(waiting.query, $3) = left($1, $3)
                      AND blocking.xact_start < clock_timestamp() - $2
                      AND NOT {LogStoreSchema.IsMigrating("blocking.pid")}
                    """);
                command.Parameters.Add(new() { Value = statement });
                command.Parameters.Add(new() { Value = patience });
                command.Parameters.Add(new() { Value = ComparedLength });
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
