using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Audit;

/// <summary>Looks the acknowledged records of one log up in the store: first where they ought to be, then by their ids, then among what was passed on request.</summary>
internal static class StoredRecordLookup
{
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public static async Task JudgeAsync(
        NpgsqlDataSource database, string group, string topic, IReadOnlyList<AuditedRecord> records, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        foreach (var day in records.GroupBy(record => record.Event.Timestamp.UtcDateTime.Date))
        {
            await FindPlacesAsync(connection, [.. day], cancellationToken);
        }

        foreach (var day in Missing(records).GroupBy(record => EventIdDay.Of(record.Event.Id)))
        {
            await FindIdsAsync(connection, day.Key, [.. day], cancellationToken);
        }

        if (Missing(records) is { Count: > 0 } missing)
        {
            await FindSkippedAsync(connection, group, topic, missing, cancellationToken);
        }
    }

    private static List<AuditedRecord> Missing(IReadOnlyList<AuditedRecord> records) => [.. records.Where(record => record.Outcome == AuditOutcome.Missing)];

    private static async Task FindPlacesAsync(NpgsqlConnection connection, List<AuditedRecord> records, CancellationToken cancellationToken)
    {
        // The bounds keep it at the partition of the day, and LIMIT at one step down its index for each record.
        await using var command = new NpgsqlCommand("""
            SELECT s.n, e.stored_at FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS s (timestamp, partition, log, "offset", id, n)
            CROSS JOIN LATERAL (
              SELECT e.id, e.stored_at FROM log_events e
              WHERE e.timestamp = s.timestamp AND e.partition = s.partition AND e.log = s.log AND e."offset" = s."offset"
                AND e.timestamp BETWEEN $6 AND $7 LIMIT 1) AS e
            WHERE e.id = s.id
            """, connection);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, records.Select(record => record.Event.Timestamp.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, records.Select(record => record.Partition).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Smallint, records.Select(record => record.Log).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, records.Select(record => record.Offset).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, records.Select(record => record.Event.Id).ToArray());
        Add(command, NpgsqlDbType.TimestampTz, records.Min(record => record.Event.Timestamp.UtcDateTime));
        Add(command, NpgsqlDbType.TimestampTz, records.Max(record => record.Event.Timestamp.UtcDateTime));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var record = records[(int)reader.GetInt64(0) - 1];
            (record.Outcome, record.StoredAt) = (AuditOutcome.Stored, reader.GetDateTime(1));
        }
    }

    private static async Task FindIdsAsync(NpgsqlConnection connection, DateOnly day, List<AuditedRecord> records, CancellationToken cancellationToken)
    {
        var elsewhere = new List<(AuditedRecord Record, Place Place)>();
        await using (var command = new NpgsqlCommand("""
            SELECT s.n, i.timestamp, i.partition, i.log, i."offset" FROM unnest($1) WITH ORDINALITY AS s (id, n)
            CROSS JOIN LATERAL (SELECT * FROM log_event_ids i WHERE i.day = $2 AND i.id = s.id LIMIT 1) AS i
            """, connection))
        {
            Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, records.Select(record => record.Event.Id).ToArray());
            Add(command, NpgsqlDbType.Date, day);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var record = records[(int)reader.GetInt64(0) - 1];
                var place = new Place(reader.GetDateTime(1), reader.GetInt32(2), reader.GetInt16(3), reader.GetInt64(4));
                // Where the id names this place, the row is gone. Where it names another one, the event is there since it came the first time.
                if ((place.Partition, place.Log, place.Offset) != (record.Partition, record.Log, record.Offset))
                {
                    record.Outcome = AuditOutcome.Duplicate;
                    elsewhere.Add((record, place));
                }
            }
        }

        foreach (var ofDay in elsewhere.GroupBy(one => one.Place.Timestamp.Date))
        {
            await FindOthersAsync(connection, [.. ofDay], cancellationToken);
        }
    }

    /// <summary>Another event with the same id is no retry, and was set aside. One whose first has left the store cannot be compared, and counts as sent again, as with the consumer.</summary>
    private static async Task FindOthersAsync(NpgsqlConnection connection, List<(AuditedRecord Record, Place Place)> records, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT s.n FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY AS s (timestamp, partition, log, "offset", source, level, message, attributes, sent_at, n)
            CROSS JOIN LATERAL (
              SELECT e.source, e.level, e.message, e.attributes, e.timestamp FROM log_events e
              WHERE e.timestamp = s.timestamp AND e.partition = s.partition AND e.log = s.log AND e."offset" = s."offset"
                AND e.timestamp BETWEEN $10 AND $11 LIMIT 1) AS e
            WHERE (e.source, e.level, e.message, e.attributes) IS DISTINCT FROM (s.source, s.level, s.message, s.attributes::jsonb) OR e.timestamp <> s.sent_at
            """, connection);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, records.Select(one => one.Place.Timestamp).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, records.Select(one => one.Place.Partition).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Smallint, records.Select(one => one.Place.Log).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, records.Select(one => one.Place.Offset).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, records.Select(one => one.Record.Event.Source).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Smallint, records.Select(one => (short)one.Record.Event.Level).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, records.Select(one => one.Record.Event.Message).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, records.Select(one => one.Record.Event.Attributes).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, records.Select(one => one.Record.HasSentTimestamp ? one.Record.Event.Timestamp.UtcDateTime : default(DateTime?)).ToArray());
        Add(command, NpgsqlDbType.TimestampTz, records.Min(one => one.Place.Timestamp));
        Add(command, NpgsqlDbType.TimestampTz, records.Max(one => one.Place.Timestamp));
        await MarkAsync(command, [.. records.Select(one => one.Record)], AuditOutcome.Missing, cancellationToken);
    }

    private static async Task FindSkippedAsync(NpgsqlConnection connection, string group, string topic, List<AuditedRecord> records, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT s.n FROM unnest($3, $4, $5) WITH ORDINALITY AS s (partition, log, "offset", n)
            WHERE EXISTS (
              SELECT FROM log_gaps g
              WHERE g.group_id = $1 AND g.topic = $2 AND g.partition = s.partition AND g.log = s.log AND s."offset" >= g.from_offset AND s."offset" < g.to_offset)
            """, connection);
        Add(command, NpgsqlDbType.Text, group);
        Add(command, NpgsqlDbType.Text, topic);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Integer, records.Select(record => record.Partition).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Smallint, records.Select(record => record.Log).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, records.Select(record => record.Offset).ToArray());
        await MarkAsync(command, records, AuditOutcome.Skipped, cancellationToken);
    }

    private static async Task MarkAsync(NpgsqlCommand command, List<AuditedRecord> records, AuditOutcome outcome, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            records[(int)reader.GetInt64(0) - 1].Outcome = outcome;
        }
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new() { Value = value, NpgsqlDbType = type });

    private readonly record struct Place(DateTime Timestamp, int Partition, short Log, long Offset);
}
