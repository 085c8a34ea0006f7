using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>
/// Reads stored events in order. Each partition is a stream in offset order, and the streams are merged by timestamp. So the
/// order of a key always holds, whatever its events' clocks say, and the keys of a split source come together by time.
/// </summary>
/// <remarks>
/// One statement finds the next matching events of every partition by place, time and size alone, merges them and cuts the
/// page by number and bytes. Only what is on the page is then read whole, so that neither the database nor this process
/// holds more than a page, however large the events are.
/// </remarks>
internal sealed class LogQuery(NpgsqlDataSource database)
{
    /// <summary>How many bytes of text a page holds at most; an event that is larger by itself is a page of its own.</summary>
    public const int MaxPageBytes = 1024 * 1024;

    // Of an event without its texts: ids, times and numbers, as the answer has them.
    private const int FixedBytes = 256;

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
            return await database.ReadAsync(token => ReadPageAsync(filter, token), cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The search was ended after {StatementTimeout.TotalSeconds:0.#} s. Narrow it down by source or time.", e);
        }
    }

    private async Task<LogPage> ReadPageAsync(LogFilter filter, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var limit = new NpgsqlCommand("SELECT set_config('statement_timeout', $1, true)", connection, transaction))
        {
            limit.Parameters.Add(new() { Value = $"{StatementTimeout.TotalMilliseconds:0}" });
            await limit.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = BuildCommand(filter, connection);
        var items = new List<StoredLogEvent>();
        var last = new Dictionary<int, long>(filter.After?.Offsets ?? new Dictionary<int, long>());
        var bytes = 0L;
        var found = 0L;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var next = Read(reader);
            items.Add(next);
            last[next.Partition] = next.Place;
            bytes += reader.GetInt32(11);
            found = reader.GetInt64(12);
        }
        return new(items, found > items.Count ? new(last) : null, bytes);
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
        Add(MaxPageBytes, NpgsqlDbType.Integer);
        When(filter.Source, NpgsqlDbType.Text, "source = {0}");
        When((short?)filter.Level, NpgsqlDbType.Smallint, "level = {0}");
        When((short?)filter.MinLevel, NpgsqlDbType.Smallint, "level >= {0}");
        When(filter.From?.UtcDateTime, NpgsqlDbType.TimestampTz, "timestamp >= {0}");
        When(filter.To?.UtcDateTime, NpgsqlDbType.TimestampTz, "timestamp < {0}");
        When(filter.Contains, NpgsqlDbType.Text, "strpos(lower(message), lower({0})) > 0");

        // partitions: those that exist, by skipping through the primary key; DISTINCT would walk all of it.
        // found: of every partition the next matching events, without their texts. Of these the sizes as they are stored, for
        //   which nothing need be decompressed.
        // merged: taking the head with the smallest timestamp again and again. An event waits for all before it in its partition,
        //   so its turn comes with the latest timestamp up to it.
        // sized: what may be on the page, with the size that attributes have as text, which compression hides.
        command.CommandText = $"""
            WITH RECURSIVE partitions (partition) AS (
              (SELECT partition FROM log_events ORDER BY partition LIMIT 1)
              UNION ALL
              SELECT (SELECT e.partition FROM log_events e WHERE e.partition > p.partition ORDER BY e.partition LIMIT 1)
              FROM partitions p WHERE p.partition IS NOT NULL),
            found AS (
              SELECT p.partition, e.log, e."offset", e.stored_bytes,
                     max(e.timestamp) OVER (PARTITION BY p.partition ORDER BY e.log, e."offset") AS turn
              FROM partitions p
              LEFT JOIN unnest($1, $2, $3) AS cursor (partition, log, last) USING (partition)
              CROSS JOIN LATERAL (
                SELECT log, "offset", timestamp, octet_length(message) + least(coalesce(pg_column_size(attributes), 0), $5) AS stored_bytes FROM log_events
                WHERE partition = p.partition AND (log, "offset") > (coalesce(cursor.log, 0), coalesce(cursor.last, -1)){string.Concat(conditions.Select(c => " AND " + c))}
                ORDER BY log, "offset" LIMIT $4) AS e
              WHERE p.partition IS NOT NULL),
            merged AS (
              SELECT partition, log, "offset", row_number() OVER page AS place, sum(stored_bytes) OVER page AS stored_up_to
              FROM (SELECT * FROM found ORDER BY turn, partition, log, "offset" LIMIT $4) AS first
              WINDOW page AS (ORDER BY turn, partition, log, "offset")),
            sized AS (
              SELECT e.*, m.place, {FixedBytes} + octet_length(source) + octet_length(key) + octet_length(message) + coalesce(octet_length(attributes::text), 0) AS bytes,
                     (SELECT count(*) FROM merged) AS found
              FROM merged m JOIN log_events e USING (partition, log, "offset")
              WHERE m.place < $4 AND (m.stored_up_to <= $5 OR m.place = 1))
            SELECT partition, "offset", id, source, key, level, message, timestamp, attributes, stored_at, log, bytes, found
            FROM (SELECT *, sum(bytes) OVER (ORDER BY place) AS up_to FROM sized) AS page
            WHERE up_to <= $5 OR place = 1
            ORDER BY place
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

    private static StoredLogEvent Read(NpgsqlDataReader reader) => new(
        new LogEvent(
            reader.GetGuid(2),
            reader.GetString(3),
            (Severity)reader.GetInt16(5),
            reader.GetString(6),
            reader.GetFieldValue<DateTimeOffset>(7),
            reader.IsDBNull(8) ? null : reader.GetString(8)),
        reader.GetString(4),
        reader.GetInt32(0),
        reader.GetInt16(10),
        reader.GetInt64(1),
        reader.GetFieldValue<DateTimeOffset>(9));
}
