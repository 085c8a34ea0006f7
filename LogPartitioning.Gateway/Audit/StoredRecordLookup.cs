using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Audit;

/// <summary>Looks acknowledged records up in the store: first where they ought to be, then by their ids.</summary>
internal static class StoredRecordLookup
{
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public static async Task JudgeAsync(NpgsqlDataSource database, IReadOnlyList<AuditedRecord> records, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var day in records.GroupBy(record => record.Event.Timestamp.UtcDateTime.Date))
        {
            await FindPlacesAsync(connection, [.. day], cancellationToken);
        }

        var missing = records.Where(record => record.Outcome == AuditOutcome.Missing).ToList();
        foreach (var day in missing.GroupBy(record => EventIdDay.Of(record.Event.Id)))
        {
            await FindIdsAsync(connection, day.Key, [.. day], cancellationToken);
        }
    }

    private static async Task FindPlacesAsync(NpgsqlConnection connection, List<AuditedRecord> records, CancellationToken cancellationToken)
    {
        // The bounds keep it at the partition of the day; see the consumer's own look at places.
        await using var command = new NpgsqlCommand("""
            SELECT s.n, e.stored_at FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS s (timestamp, partition, log, "offset", id, n)
            CROSS JOIN LATERAL (
              SELECT e.id, e.stored_at FROM log_events e
              WHERE e.timestamp = s.timestamp AND e.partition = s.partition AND e.log = s.log AND e."offset" = s."offset"
                AND e.timestamp BETWEEN $6 AND $7 LIMIT 1) AS e
            WHERE e.id = s.id
            """, connection);
        Add(command, records.Select(record => record.Event.Timestamp.UtcDateTime).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
        Add(command, records.Select(record => record.Partition).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(command, records.Select(record => record.Log).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Smallint);
        Add(command, records.Select(record => record.Offset).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(command, records.Select(record => record.Event.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(command, records.Min(record => record.Event.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz);
        Add(command, records.Max(record => record.Event.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var record = records[(int)reader.GetInt64(0) - 1];
            (record.Outcome, record.StoredAt) = (AuditOutcome.Stored, reader.GetDateTime(1));
        }
    }

    private static async Task FindIdsAsync(NpgsqlConnection connection, object day, List<AuditedRecord> records, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT s.n, i.partition, i.log, i."offset" FROM unnest($1) WITH ORDINALITY AS s (id, n)
            CROSS JOIN LATERAL (SELECT i.partition, i.log, i."offset" FROM log_event_ids i WHERE i.day = $2 AND i.id = s.id LIMIT 1) AS i
            """, connection);
        Add(command, records.Select(record => record.Event.Id).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(command, day, NpgsqlDbType.Date);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var record = records[(int)reader.GetInt64(0) - 1];
            // Where the id names another place, the event is there since it came the first time. Where it names this one, the row is gone.
            if ((reader.GetInt32(1), reader.GetInt16(2), reader.GetInt64(3)) != (record.Partition, record.Log, record.Offset))
            {
                record.Outcome = AuditOutcome.Duplicate;
            }
        }
    }

    private static void Add(NpgsqlCommand command, object value, NpgsqlDbType type) => command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });
}
