using Npgsql;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>The turn of one that drops what is old: nobody else does while it is held. It ends with its session, whatever happens to its holder.</summary>
public sealed class RetentionTurn : IAsyncDisposable
{
    // "retained" in ASCII.
    private const long Turn = 0x72657461696e6564;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private RetentionTurn(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    /// <summary>Takes it; null where another one has it.</summary>
    public static async Task<RetentionTurn?> TryTakeAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        NpgsqlConnection? connection = null;
        NpgsqlTransaction? transaction = null;
        try
        {
            connection = await database.OpenConnectionAsync(cancellationToken);
            // In a transaction a pooler keeps the session, too. It holds no snapshot, so nothing waits for it.
            transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1), set_config('idle_in_transaction_session_timeout', '0', true)", connection, transaction);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Turn });
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                var turn = new RetentionTurn(connection, transaction);
                (connection, transaction) = (null, null);
                return turn;
            }

            return null;
        }
        finally
        {
            await (transaction?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (connection?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Whether anybody has it.</summary>
    public static async Task<bool> IsTakenAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var command = database.CreateCommand(
            """
            SELECT EXISTS (
              SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database
              WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 1 AND granted AND (classid::bigint << 32 | objid::bigint) = $1)
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Turn });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
