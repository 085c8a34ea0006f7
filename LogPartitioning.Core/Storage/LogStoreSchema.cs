using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>The tables of the log store, created where they are missing.</summary>
public static class LogStoreSchema
{
    // Any constant will do, as long as every service uses the same one: "logparts" in ASCII.
    private const long AdvisoryLock = 0x6c6f677061727473;

    /// <summary>
    /// Creates what is missing and leaves the rest alone. Services that start together take turns: concurrent
    /// <c>CREATE … IF NOT EXISTS</c> statements can otherwise fail on each other's catalog rows.
    /// </summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses. The caller decides whether to try again.</exception>
    public static async Task EnsureAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        await using var turn = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction);
        turn.Parameters.Add(new NpgsqlParameter<long> { TypedValue = AdvisoryLock });
        await turn.ExecuteNonQueryAsync(cancellationToken);

        await using var create = new NpgsqlCommand(await ReadScriptAsync(cancellationToken), connection, transaction);
        await create.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The same, until the database has answered, waiting 0.5 to 5 s between attempts.</summary>
    /// <param name="database">The database.</param>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="waiting">Told of each attempt that failed, and of the wait that follows.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task EnsureWhenDatabaseAnswersAsync(
        NpgsqlDataSource database, TimeProvider time, Action<NpgsqlException, TimeSpan> waiting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await EnsureAsync(database, cancellationToken);
                return;
            }
            catch (NpgsqlException e)
            {
                var wait = backoff.Next();
                waiting(e, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private static async Task<string> ReadScriptAsync(CancellationToken cancellationToken)
    {
        await using var stream = typeof(LogStoreSchema).Assembly.GetManifestResourceStream("LogPartitioning.Core.Storage.Schema.sql")
            ?? throw new InvalidOperationException("Schema.sql is not embedded in the assembly.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
