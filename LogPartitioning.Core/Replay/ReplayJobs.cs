using System.Text.Json;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Core.Replay;

/// <summary>
/// The table <c>replay_jobs</c>. The gateway adds jobs and reads them; an instance takes one under a lease and keeps it by
/// renewing that. One job runs at a time, which a unique index sees to.
/// </summary>
/// <remarks>Every call throws <see cref="NpgsqlException"/> when the database does not answer or refuses.</remarks>
public sealed class ReplayJobs(NpgsqlDataSource database)
{
    /// <summary>How many jobs are kept.</summary>
    public const int Kept = 20;

    private const string Columns = "id, topic, partition, start, state, progress, error, started_at, ended_at";

    /// <summary>Adds a job.</summary>
    /// <returns>False when another one runs.</returns>
    public async Task<bool> TryAddAsync(ReplayJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        await using var add = Command(
            $"""
            INSERT INTO replay_jobs ({Columns}) VALUES ($1, $2, $3, $4, $5, $6::json, $7, $8, $9)
            ON CONFLICT (state) WHERE state = 'running' DO NOTHING
            """,
            job.Id, job.Topic, job.Partition, job.From, job.State, Write(job.Progress), job.Error, job.StartedAt, job.EndedAt);
        if (await add.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        await using var forget = Command(
            "DELETE FROM replay_jobs WHERE state <> 'running' AND id NOT IN (SELECT id FROM replay_jobs ORDER BY started_at DESC, id DESC LIMIT $1)", Kept);
        await forget.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    /// <summary>The last jobs, newest first, at most <see cref="Kept"/>.</summary>
    public Task<IReadOnlyList<ReplayJob>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync(
        async token =>
        {
            await using var command = Command($"SELECT {Columns} FROM replay_jobs ORDER BY started_at DESC, id DESC LIMIT $1", Kept);
            return await ReadAsync(command, token);
        },
        cancellationToken);

    /// <summary>One job; null when there is none of that id.</summary>
    public Task<ReplayJob?> FindAsync(Guid id, CancellationToken cancellationToken) => database.ReadAsync(
        async token =>
        {
            await using var command = Command($"SELECT {Columns} FROM replay_jobs WHERE id = $1", id);
            return (await ReadAsync(command, token)).SingleOrDefault();
        },
        cancellationToken);

    /// <summary>Asks for the end of a job. One that no instance has taken ends at once, others between two batches.</summary>
    /// <returns>The job; null when there is none of that id.</returns>
    public async Task<ReplayJob?> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"""
            UPDATE replay_jobs AS j SET
              cancel = true,
              state = CASE WHEN ends THEN 'cancelled' ELSE state END,
              ended_at = CASE WHEN ends THEN now() ELSE ended_at END
            FROM (SELECT id AS job, state = 'running' AND coalesce(lease_until < now(), true) AS ends FROM replay_jobs WHERE id = $1 FOR UPDATE) AS found
            WHERE id = job
            RETURNING {Columns}
            """,
            id);
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Takes the running job of a topic when no instance holds it, or the one that did has stopped renewing its lease.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="owner">Who takes it; unique to this taking, so that an earlier holder cannot pass for this one.</param>
    /// <param name="lease">How long it is held without being renewed.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Null when there is nothing to take.</returns>
    public async Task<ReplayJob?> TryTakeAsync(string topic, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"""
            UPDATE replay_jobs SET owner = $2, lease_until = now() + $3
            WHERE topic = $1 AND state = 'running' AND coalesce(lease_until < now(), true)
            RETURNING {Columns}
            """,
            topic, owner, lease);
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Keeps a job.</summary>
    /// <returns>Whether its end was asked for; null when another instance has it, or it has ended.</returns>
    public async Task<bool?> RenewAsync(Guid id, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "UPDATE replay_jobs SET lease_until = now() + $3 WHERE id = $1 AND owner = $2 AND state = 'running' RETURNING cancel", id, owner, lease);
        return (bool?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Writes the progress within the transaction that stores the events: both happen, or neither.</summary>
    /// <returns>False when another instance has the job: the transaction must be rolled back.</returns>
    public static async Task<bool> SaveAsync(
        NpgsqlConnection connection, Guid id, string owner, ReplayProgress progress, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "UPDATE replay_jobs SET progress = $3::json WHERE id = $1 AND owner = $2 AND state = 'running'", connection);
        Add(command, id, owner, Write(progress));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Ends a job.</summary>
    public async Task EndAsync(Guid id, string owner, string state, string? error, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "UPDATE replay_jobs SET state = $3, error = $4, ended_at = now() WHERE id = $1 AND owner = $2 AND state = 'running'", id, owner, state, error);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Leaves a job to the next instance.</summary>
    public async Task ReleaseAsync(Guid id, string owner, CancellationToken cancellationToken)
    {
        await using var command = Command("UPDATE replay_jobs SET owner = NULL, lease_until = NULL WHERE id = $1 AND owner = $2", id, owner);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private NpgsqlCommand Command(string text, params object?[] parameters)
    {
        var command = database.CreateCommand(text);
        Add(command, parameters);
        return command;
    }

    private static void Add(NpgsqlCommand command, params object?[] parameters)
    {
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter ?? DBNull.Value });
        }
    }

    private static async Task<IReadOnlyList<ReplayJob>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var jobs = new List<ReplayJob>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(new(
                reader.GetGuid(0),
                reader.GetString(1),
                reader.GetString(2),
                reader.GetString(3),
                reader.GetString(4),
                JsonSerializer.Deserialize<ReplayProgress>(reader.GetString(5), JsonSerializerOptions.Web)!,
                reader.IsDBNull(6) ? null : reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8)));
        }
        return jobs;
    }

    private static string Write(ReplayProgress progress) => JsonSerializer.Serialize(progress, JsonSerializerOptions.Web);
}
