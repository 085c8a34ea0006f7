using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>
/// Moves a schema on to the newest of some migrations: one at a time, each once, by whoever has the lock. The others look again
/// until it is done. They ask for the lock and never wait for it: a session that waits holds a snapshot, and building
/// an index beside the writers would wait for that.
/// </summary>
/// <param name="database">The database, as a role that may change its tables.</param>
/// <param name="migrations">The migrations, the oldest first.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="blocked">Told of each session that is in the way, again and again.</param>
/// <param name="applied">Told of each migration that this one applied, and how long it took.</param>
internal sealed class SchemaUpgrade(
    NpgsqlDataSource database, IReadOnlyList<Migration> migrations, TimeProvider time, Action<BlockingSession> blocked, Action<Migration, TimeSpan> applied)
{
    // Any constant will do, as long as every service uses the same one: "logparts" in ASCII.
    internal const long TurnLock = 0x6c6f677061727473;

    /// <summary>
    /// How long a migration waits for a table that others use before it lets them pass: everybody who comes after a waiting
    /// ALTER TABLE waits behind it.
    /// </summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(0.2);

    /// <summary>Applies what is missing.</summary>
    /// <exception cref="StoreRefusedException">The schema is not one that this program can move on.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await NextAsync(cancellationToken) is { } next)
        {
            if (!await TryAsync(next, cancellationToken))
            {
                await Task.Delay(s_turn, time, cancellationToken);
            }
        }
    }

    /// <summary>Does something that no two services may do at once; waits for its turn.</summary>
    public async Task InTurnAsync(Func<NpgsqlConnection, NpgsqlTransaction, Task> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (await TryLockAsync(connection, transaction, cancellationToken))
            {
                await work(connection, transaction);
                await transaction.CommitAsync(cancellationToken);
                return;
            }

            await transaction.RollbackAsync(cancellationToken);
            await Task.Delay(s_turn, time, cancellationToken);
        }
    }

    private async Task<Migration?> NextAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var watch = await LockWatch.StartAsync(database, connection, transaction, time, blocked, cancellationToken);
        return Missing(await SchemaVersions.ReadAsync(connection, transaction, cancellationToken)).FirstOrDefault();
    }

    private IEnumerable<Migration> Missing(IReadOnlyList<SchemaVersion> versions) =>
        migrations.Where(migration => !versions.Any(version => version.Version == migration.Version && version.AppliedAt is not null));

    /// <returns>False where it is another one's turn, or somebody was in the way for too long.</returns>
    private async Task<bool> TryAsync(Migration migration, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await TryLockAsync(connection, transaction, cancellationToken))
        {
            return false;
        }

        await SchemaVersions.MakeAsync(connection, transaction, cancellationToken);
        var versions = await SchemaVersions.ReadAsync(connection, transaction, cancellationToken);
        if (!Missing(versions).Contains(migration))
        {
            return true; // another one did it meanwhile
        }

        // Whoever began it had the lock, and has it no more.
        if (versions.FirstOrDefault(version => version.AppliedAt is null) is { } half)
        {
            throw new StoreRefusedException(
            [
                $"Migration {half} of the log store runs outside of a transaction and did not get to its end. Undo what there is of it (an index that is not valid, say), delete its row from {SchemaVersions.Table}, and start again.",
            ]);
        }

        var started = time.GetTimestamp();
        try
        {
            await (migration.InTransaction ? ApplyAsync(migration, connection, transaction, cancellationToken) : ApplyAloneAsync(migration, transaction, cancellationToken));
        }
        catch (PostgresException e) when (migration.InTransaction && e.SqlState is (PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected))
        {
            return false;
        }

        applied(migration, time.GetElapsedTime(started));
        return true;
    }

    private async Task ApplyAsync(Migration migration, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var watch = await LockWatch.StartAsync(database, connection, transaction, time, blocked, cancellationToken);
        await ExecuteAsync(FormattableString.Invariant($"SET LOCAL lock_timeout = {s_patience.TotalMilliseconds}; SET LOCAL statement_timeout = 0"), connection, transaction, cancellationToken);
        await SchemaVersions.BeginAsync(migration, connection, transaction, cancellationToken);
        await ExecuteAsync(migration.Text, connection, transaction, cancellationToken);
        await SchemaVersions.EndAsync(migration, connection, transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Outside of a transaction, while the one that has the lock stays open: it holds no snapshot, so nothing waits for it.</summary>
    private async Task ApplyAloneAsync(Migration migration, NpgsqlTransaction turn, CancellationToken cancellationToken)
    {
        await ExecuteAsync("SET LOCAL idle_in_transaction_session_timeout = 0", turn.Connection!, turn, cancellationToken);
        await using var alone = await database.OpenConnectionAsync(cancellationToken);
        await using var watch = await LockWatch.StartAsync(database, alone, null, time, blocked, cancellationToken);
        await SchemaVersions.BeginAsync(migration, alone, null, cancellationToken);
        await ExecuteAsync(migration.Text, alone, null, cancellationToken);
        await SchemaVersions.EndAsync(migration, alone, null, cancellationToken);
        await turn.CommitAsync(cancellationToken);
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_xact_lock($1)", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = TurnLock });
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>For as long as it takes: an index of a large table is not built in 30 s.</summary>
    private static async Task ExecuteAsync(string statements, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statements, connection, transaction) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
