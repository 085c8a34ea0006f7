using System.Diagnostics;
using System.Globalization;
using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>
/// Statements that answer one question. All together they have so much of the database's time. Each is a transaction of its own: a statement
/// locks the days that it looks at until its transaction ends, and the locks of a search over many days would leave too few for a batch.
/// </summary>
internal sealed class BoundedReading
{
    private readonly NpgsqlConnection _connection;
    private readonly TimeSpan _limit;
    private readonly CancellationToken _cancellationToken;
    private readonly long _began = Stopwatch.GetTimestamp();

    private BoundedReading(NpgsqlConnection connection, TimeSpan limit, CancellationToken cancellationToken) =>
        (_connection, _limit, _cancellationToken) = (connection, limit, cancellationToken);

    /// <summary>Answers a question.</summary>
    /// <exception cref="TimeoutException">It took longer than <paramref name="limit"/>.</exception>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public static async Task<T> RunAsync<T>(NpgsqlDataSource database, TimeSpan limit, Func<BoundedReading, Task<T>> read, CancellationToken cancellationToken)
    {
        try
        {
            return await database.ReadAsync(
                async token =>
                {
                    await using var connection = await database.OpenConnectionAsync(token);
                    return await read(new(connection, limit, token));
                },
                cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            throw TooLong(limit, e);
        }
    }

    /// <summary>The rows of a statement.</summary>
    public async Task<List<T>> ListAsync<T>(NpgsqlBatchCommand statement, Func<NpgsqlDataReader, T> row)
    {
        var left = _limit - Stopwatch.GetElapsedTime(_began);
        if (left <= TimeSpan.Zero)
        {
            throw TooLong(_limit, null);
        }

        var limit = new NpgsqlBatchCommand("SELECT set_config('statement_timeout', $1, true)");
        limit.Parameters.Add(new() { Value = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(left.TotalMilliseconds):0}"), NpgsqlDbType = NpgsqlDbType.Text });
        await using var batch = new NpgsqlBatch(_connection) { BatchCommands = { limit, statement } };
        await using var reader = await batch.ExecuteReaderAsync(_cancellationToken);
        await reader.NextResultAsync(_cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(_cancellationToken))
        {
            rows.Add(row(reader));
        }

        return rows;
    }

    /// <summary>The one number that a statement gives.</summary>
    public async Task<long> CountAsync(NpgsqlBatchCommand statement) => (await ListAsync(statement, row => row.GetInt64(0)))[0];

    /// <summary>The days that have partitions of their own.</summary>
    public Task<List<DateOnly>> DaysAsync() => ListAsync(
        new NpgsqlBatchCommand(
            """
            SELECT right(c.relname, 8) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'log_events'::regclass AND c.relname ~ '^log_events_[0-9]{8}$'
            """),
        row => DateOnly.ParseExact(row.GetString(0), "yyyyMMdd", CultureInfo.InvariantCulture));

    private static TimeoutException TooLong(TimeSpan limit, Exception? cause) =>
        new($"The search was ended after {limit.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s. Narrow it down by source or time.", cause);
}
