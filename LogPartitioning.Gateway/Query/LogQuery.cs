using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>
/// Reads stored events in order. Each partition is a stream in offset order; one statement reads the next matching
/// events of every partition, and the streams are merged by timestamp. So the order of a key always holds, whatever its
/// events' clocks say, and the keys of a split source come together by time.
/// </summary>
internal sealed class LogQuery(NpgsqlDataSource database)
{
    /// <summary>How long the database may search before it gives up, whatever the filter asks for.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads one page.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="LogFilter.Limit"/> is out of range.</exception>
    /// <exception cref="TimeoutException">The filter matches too rarely to find a page of events within <see cref="StatementTimeout"/>.</exception>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public async Task<LogPage> RunAsync(LogFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.Limit, LogFilter.MaxLimit);
        try
        {
            var streams = await database.ReadAsync(token => ReadStreamsAsync(filter, token), cancellationToken);
            return Merge(streams, filter);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The search was ended after {StatementTimeout.TotalSeconds:0.#} s. Narrow it down by source or time.", e);
        }
    }

    private async Task<Dictionary<int, Queue<StoredLogEvent>>> ReadStreamsAsync(LogFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var limit = new NpgsqlCommand("SELECT set_config('statement_timeout', $1, true)", connection, transaction))
        {
            limit.Parameters.Add(new() { Value = $"{StatementTimeout.TotalMilliseconds:0}" });
            await limit.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = BuildCommand(filter, connection);
        var streams = new Dictionary<int, Queue<StoredLogEvent>>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var partition = reader.GetInt32(0);
            if (!streams.TryGetValue(partition, out var stream))
            {
                streams.Add(partition, stream = new());
            }
            stream.Enqueue(Read(reader, partition));
        }
        return streams;
    }

    private static NpgsqlCommand BuildCommand(LogFilter filter, NpgsqlConnection connection)
    {
        var after = filter.After?.Offsets ?? new Dictionary<int, long>();
        var command = new NpgsqlCommand { Connection = connection };
        var conditions = new List<string>();
        Add(after.Keys.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(after.Values.Select(StoredLogEvent.LogOf).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Smallint);
        Add(after.Values.Select(StoredLogEvent.OffsetOf).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        // One more than asked for tells whether there is a next page.
        Add(filter.Limit + 1, NpgsqlDbType.Integer);
        When(filter.Source, NpgsqlDbType.Text, "source = {0}");
        When((short?)filter.Level, NpgsqlDbType.Smallint, "level = {0}");
        When((short?)filter.MinLevel, NpgsqlDbType.Smallint, "level >= {0}");
        When(filter.From?.UtcDateTime, NpgsqlDbType.TimestampTz, "timestamp >= {0}");
        When(filter.To?.UtcDateTime, NpgsqlDbType.TimestampTz, "timestamp < {0}");
        When(filter.Contains, NpgsqlDbType.Text, "strpos(lower(message), lower({0})) > 0");

        // The partitions that exist, by skipping through the primary key: DISTINCT would walk all of it.
        command.CommandText = $"""
            WITH RECURSIVE partitions (partition) AS (
              (SELECT partition FROM log_events ORDER BY partition LIMIT 1)
              UNION ALL
              SELECT (SELECT e.partition FROM log_events e WHERE e.partition > p.partition ORDER BY e.partition LIMIT 1)
              FROM partitions p WHERE p.partition IS NOT NULL)
            SELECT p.partition, e."offset", e.id, e.source, e.key, e.level, e.message, e.timestamp, e.attributes, e.stored_at, e.log
            FROM partitions p
            LEFT JOIN unnest($1, $2, $3) AS cursor (partition, log, last) USING (partition)
            CROSS JOIN LATERAL (
              SELECT * FROM log_events
              WHERE partition = p.partition AND (log, "offset") > (coalesce(cursor.log, 0), coalesce(cursor.last, -1)){string.Concat(conditions.Select(c => " AND " + c))}
              ORDER BY log, "offset" LIMIT $4) AS e
            WHERE p.partition IS NOT NULL
            ORDER BY p.partition, e.log, e."offset"
            """;
        return command;

        void Add(object value, NpgsqlDbType type) => command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });

        void When(object? value, NpgsqlDbType type, string condition)
        {
            if (value is not null)
            {
                Add(value, type);
                conditions.Add(string.Format(null, condition, $"${command.Parameters.Count}"));
            }
        }
    }

    private static StoredLogEvent Read(NpgsqlDataReader reader, int partition) => new(
        new LogEvent(
            reader.GetGuid(2),
            reader.GetString(3),
            (Severity)reader.GetInt16(5),
            reader.GetString(6),
            reader.GetFieldValue<DateTimeOffset>(7),
            reader.IsDBNull(8) ? null : reader.GetString(8)),
        reader.GetString(4),
        partition,
        reader.GetInt16(10),
        reader.GetInt64(1),
        reader.GetFieldValue<DateTimeOffset>(9));

    /// <summary>Takes the head with the smallest timestamp again and again: only heads compete, so each stream keeps its order.</summary>
    private static LogPage Merge(Dictionary<int, Queue<StoredLogEvent>> streams, LogFilter filter)
    {
        var heads = new PriorityQueue<Queue<StoredLogEvent>, (DateTimeOffset, int)>();
        foreach (var stream in streams.Values)
        {
            heads.Enqueue(stream, Rank(stream.Peek()));
        }

        var items = new List<StoredLogEvent>(filter.Limit);
        var last = new Dictionary<int, long>(filter.After?.Offsets ?? new Dictionary<int, long>());
        while (items.Count < filter.Limit && heads.TryDequeue(out var stream, out _))
        {
            var next = stream.Dequeue();
            items.Add(next);
            last[next.Partition] = next.Place;
            if (stream.TryPeek(out var head))
            {
                heads.Enqueue(stream, Rank(head));
            }
        }
        return new(items, heads.Count > 0 ? new(last) : null);

        static (DateTimeOffset, int) Rank(StoredLogEvent e) => (e.Event.Timestamp, e.Partition);
    }
}
