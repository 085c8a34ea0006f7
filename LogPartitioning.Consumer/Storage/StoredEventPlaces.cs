using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// Events that are at their places already though their ids are known no more: history that is read again after the ids of its days have
/// gone. The rows last longer than the ids, and tell.
/// </summary>
internal static class StoredEventPlaces
{
    /// <summary>Whether a row is at the place of an event. The constraint is named after the day's partition.</summary>
    public static bool IsTaken(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, TableName: { } table } && table.StartsWith("log_events_", StringComparison.Ordinal);

    /// <summary>Those of the events whose own rows are there.</summary>
    public static async Task<HashSet<EventPlace>> FindAsync(NpgsqlConnection connection, IReadOnlyList<PlacedRecord> records, CancellationToken cancellationToken)
    {
        var found = new HashSet<EventPlace>();
        foreach (var day in records.GroupBy(r => DateOnly.FromDateTime(r.Record.Timestamp)))
        {
            await FindOfDayAsync(connection, [.. day], found, cancellationToken);
        }

        return found;
    }

    private static async Task FindOfDayAsync(
        NpgsqlConnection connection, List<PlacedRecord> records, HashSet<EventPlace> found, CancellationToken cancellationToken)
    {
        // The bounds keep it at one partition: without them it would lock every day that there is, and the server has room for so many locks.
        await using var command = new NpgsqlCommand("""
            SELECT s.n FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS s (timestamp, partition, log, "offset", id, n)
            CROSS JOIN LATERAL (
              SELECT e.id FROM log_events e
              WHERE e.timestamp = s.timestamp AND e.partition = s.partition AND e.log = s.log AND e."offset" = s."offset"
                AND e.timestamp BETWEEN $6 AND $7 LIMIT 1) AS e
            WHERE e.id = s.id
            """, connection);
        command.AddArray(records.Select(r => r.Record.Timestamp), NpgsqlDbType.TimestampTz);
        command.AddArray(records.Select(r => r.Partition), NpgsqlDbType.Integer);
        command.AddArray(records.Select(r => r.Log), NpgsqlDbType.Smallint);
        command.AddArray(records.Select(r => r.Record.Offset), NpgsqlDbType.Bigint);
        command.AddArray(records.Select(r => r.Record.Id), NpgsqlDbType.Uuid);
        command.Parameters.Add(new() { Value = records.Min(r => r.Record.Timestamp), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new() { Value = records.Max(r => r.Record.Timestamp), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(records[(int)reader.GetInt64(0) - 1].Place);
        }
    }
}
