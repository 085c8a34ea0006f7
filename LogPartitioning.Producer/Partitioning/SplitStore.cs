using Npgsql;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>The splits that every producer shares, in the table <c>source_splits</c>. A change notifies the channel
/// <c>source_splits</c>, in the same transaction.</summary>
internal sealed class SplitStore(NpgsqlDataSource database)
{
    /// <summary>How many sources may be split over HTTP: every producer holds them all, and every view lists them.</summary>
    public const int MaxSources = 1_000;

    /// <summary>How many keys they may have together.</summary>
    public const int MaxKeys = 100_000;

    private const string Channel = "source_splits";

    /// <summary>All stored splits: source and number of keys.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<IReadOnlyDictionary<string, int>> ReadAsync(CancellationToken cancellationToken)
    {
        var splits = new Dictionary<string, int>(StringComparer.Ordinal);
        await using var command = database.CreateCommand("SELECT source, keys FROM source_splits");
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            splits[rows.GetString(0)] = rows.GetInt32(1);
        }

        return splits;
    }

    /// <summary>Splits <paramref name="source"/> in <paramref name="keys"/> from now on.</summary>
    /// <returns>False where that would be more than <see cref="MaxSources"/> or <see cref="MaxKeys"/>.</returns>
    /// <exception cref="NpgsqlException">The database does not answer; whether the change was made is not known, and making
    /// it again does no harm.</exception>
    public async Task<bool> SetAsync(string source, int keys, CancellationToken cancellationToken)
    {
        // Several at the same moment may each see room for one: the bound is for memory, and a few more do no harm.
        await using var command = database.CreateCommand($"""
            WITH stored AS (
                INSERT INTO source_splits (source, keys)
                SELECT $1, $2 WHERE (SELECT count(*) < {MaxSources} AND coalesce(sum(keys), 0) + $2 <= {MaxKeys} FROM source_splits WHERE source <> $1)
                ON CONFLICT (source) DO UPDATE SET keys = excluded.keys, updated_at = now()
                RETURNING source)
            SELECT pg_notify('{Channel}', '') FROM stored
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = keys });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken);
    }

    /// <summary>Removes the stored split of <paramref name="source"/>.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task<bool> RemoveAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"""
            WITH removed AS (DELETE FROM source_splits WHERE source = $1 RETURNING source)
            SELECT pg_notify('{Channel}', '') FROM removed
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken);
    }

    /// <summary>
    /// Calls <paramref name="changed"/> at first, then after each change, and at least every <paramref name="interval"/>.
    /// Ends by exception alone.
    /// </summary>
    /// <exception cref="NpgsqlException">The database does not answer, or its connection was lost.</exception>
    public async Task WatchAsync(TimeSpan interval, Func<CancellationToken, Task> changed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changed);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            // After LISTEN, so that no change can fall between reading and listening.
            await changed(cancellationToken);
            await connection.WaitAsync(interval, cancellationToken);
        }
    }
}
