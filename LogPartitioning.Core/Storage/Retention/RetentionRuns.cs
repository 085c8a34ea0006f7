using Npgsql;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>The table <c>retention_runs</c>, which has the last runs.</summary>
public sealed class RetentionRuns(NpgsqlDataSource database)
{
    /// <summary>How many are kept.</summary>
    public const int Kept = 100;

    private const string Columns = "started_at, ended_at, run_by, settings, days, events, ids, bytes, error";

    /// <summary>The last ones, newest first.</summary>
    public async Task<IReadOnlyList<RetentionRun>> ListAsync(int most, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"SELECT {Columns} FROM retention_runs ORDER BY id DESC LIMIT $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<RetentionRun>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(new(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetString(2),
                reader.GetString(3),
                new(reader.GetInt32(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7)),
                await reader.IsDBNullAsync(8, cancellationToken) ? null : reader.GetString(8)));
        }

        return runs;
    }

    /// <summary>Adds one, and forgets the oldest beyond <see cref="Kept"/>.</summary>
    public async Task AddAsync(RetentionRun run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        await using var add = database.CreateCommand($"INSERT INTO retention_runs ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
        foreach (var value in new object?[] { run.StartedAt, run.EndedAt, run.By, run.Settings, run.Freed.Days, run.Freed.Events, run.Freed.Ids, run.Freed.Bytes, run.Error })
        {
            add.Parameters.Add(new() { Value = value ?? DBNull.Value });
        }

        await add.ExecuteNonQueryAsync(cancellationToken);
        await using var forget = database.CreateCommand("DELETE FROM retention_runs WHERE id NOT IN (SELECT id FROM retention_runs ORDER BY id DESC LIMIT $1)");
        forget.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Kept });
        await forget.ExecuteNonQueryAsync(cancellationToken);
    }
}
