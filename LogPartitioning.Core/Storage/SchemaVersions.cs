using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>The table <c>schema_versions</c>.</summary>
internal static class SchemaVersions
{
    public const string Table = "schema_versions";

    /// <summary>All rows in order; none where there is no table yet, or none that this role may read.</summary>
    public static async Task<IReadOnlyList<SchemaVersion>> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var exists = new NpgsqlCommand($"SELECT coalesce(has_table_privilege(to_regclass('{Table}')::oid, 'SELECT'), false)", connection, transaction);
        if (await exists.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return [];
        }

        // It waits for as long as somebody has the table locked, which is told meanwhile.
        await using var command = new NpgsqlCommand(
            $"SELECT version, name, sha256, compatible_from, begun_at, applied_at, applied_by FROM {Table} ORDER BY version", connection, transaction);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<SchemaVersion>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new(
                reader.GetInt32(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetInt32(3),
                reader.GetDateTime(4),
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetDateTime(5),
                reader.GetString(6)));
        }

        return rows;
    }

    /// <summary>Makes the table where it is missing. Under the lock of the migrations alone: two at once could fail on each other's catalog rows.</summary>
    public static async Task MakeAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            CREATE TABLE IF NOT EXISTS {Table} (
              version         integer     PRIMARY KEY,
              name            text        NOT NULL,
              sha256          text        NOT NULL,
              compatible_from integer     NOT NULL,
              begun_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
              applied_at      timestamptz,
              applied_by      text        NOT NULL DEFAULT current_user
            )
            """,
            connection,
            transaction);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes that a migration is begun.</summary>
    public static async Task BeginAsync(Migration migration, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"INSERT INTO {Table} (version, name, sha256, compatible_from) VALUES ($1, $2, $3, $4)", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = migration.Version });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Sha256 });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = migration.CompatibleFrom });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Writes that it is done.</summary>
    public static async Task EndAsync(Migration migration, NpgsqlConnection connection, NpgsqlTransaction? transaction, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"UPDATE {Table} SET applied_at = clock_timestamp() WHERE version = $1", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = migration.Version });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
