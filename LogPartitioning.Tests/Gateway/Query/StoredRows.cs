using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Servers;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Tests.Gateway.Query;

/// <summary>Rows of events as the consumers leave them, put there by SQL: what is read does not depend on how it came.</summary>
internal static class StoredRows
{
    /// <summary>Makes the partitions of some days.</summary>
    public static Task MakeDaysAsync(this NpgsqlDataSource database, DateTimeOffset first, int days) => database.ExecuteAsync(
        $"SELECT count(make_log_day('{first.UtcDateTime:yyyy-MM-dd}'::date + n)) FROM generate_series(0, {days - 1}) AS n");

    /// <summary>Stores events behind those of their partition that are there.</summary>
    public static async Task StoreRowsAsync(this NpgsqlDataSource database, int partition, params LogEvent[] events)
    {
        await using var command = database.CreateCommand(
            """
            INSERT INTO log_events (id, timestamp, "offset", partition, log, level, source, key, message, attributes)
            SELECT e.id, e.timestamp, coalesce((SELECT max("offset") FROM log_events WHERE partition = $1), -1) + n, $1, 1, e.level, e.source, e.source, e.message, e.attributes::jsonb
            FROM unnest($2, $3, $4, $5, $6, $7) WITH ORDINALITY AS e (id, timestamp, level, source, message, attributes, n)
            """);
        command.Parameters.Add(new() { Value = partition });
        Add(NpgsqlDbType.Uuid, e => e.Id);
        Add(NpgsqlDbType.TimestampTz, e => e.Timestamp.UtcDateTime);
        Add(NpgsqlDbType.Smallint, e => (short)e.Level);
        Add(NpgsqlDbType.Text, e => e.Source);
        Add(NpgsqlDbType.Text, e => e.Message);
        Add(NpgsqlDbType.Text, e => e.Attributes);
        await command.ExecuteNonQueryAsync();

        void Add<T>(NpgsqlDbType type, Func<LogEvent, T> value) => command.Parameters.Add(new() { Value = events.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>Counts all that is stored by the minute.</summary>
    public static Task CountMinutesAsync(this NpgsqlDataSource database) => database.ExecuteAsync(
        """
        TRUNCATE log_counts;
        INSERT INTO log_counts (minute, events, partition, level)
        SELECT date_trunc('minute', timestamp, 'UTC'), count(*), partition, level FROM log_events GROUP BY 1, 3, 4
        """);
}
