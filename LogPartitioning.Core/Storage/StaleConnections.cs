using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>
/// Connections that the server has given up while they lay in the pool: an idle timeout, a restart, a fail-over. That is
/// found out only when one is used, and is nobody's problem who has just come with a question.
/// </summary>
public static class StaleConnections
{
    /// <summary>Reads, and where the connection turns out to be stale once more with a new one.</summary>
    public static async Task<T> ReadAsync<T>(this NpgsqlDataSource database, Func<CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            return await read(cancellationToken);
        }
        catch (NpgsqlException e) when (IsStale(e))
        {
            // The others in the pool are no younger.
            database.Clear();
            return await read(cancellationToken);
        }
    }

    /// <summary>Whether a failure is the end of a connection and says nothing about the statement.</summary>
    public static bool IsStale(Exception failure) => failure switch
    {
        // Shutting down, ended by an administrator, idle for too long; connection exceptions.
        PostgresException postgres => postgres.SqlState is ['5', '7', 'P', ..] or ['0', '8', ..] or "25P03",
        NpgsqlException npgsql => npgsql.InnerException is IOException,
        _ => false,
    };
}
