using Npgsql;
using NpgsqlTypes;

namespace WolverinePeer;

/// <summary>Stores a batch with one statement, in the rows that the other peers make.</summary>
public static class EventBatchHandler
{
    private const string Insert = """
        WITH e AS MATERIALIZED (
          SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS e (id, timestamp, "offset", partition, level, source, key, message, attributes)),
        ids AS (INSERT INTO log_event_ids (id, timestamp, "offset", day, partition, log) SELECT id, timestamp, "offset", '-infinity', partition, 1 FROM e ON CONFLICT DO NOTHING),
        counts AS (
          INSERT INTO log_counts AS c (minute, partition, level, events) SELECT date_trunc('minute', timestamp), partition, level, count(*) FROM e GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
          ON CONFLICT (minute, partition, level) DO UPDATE SET events = c.events + excluded.events)
        INSERT INTO log_events (id, timestamp, "offset", partition, log, level, source, key, message, attributes)
        SELECT id, timestamp, "offset", partition, 1, level, source, key, message, attributes FROM e ON CONFLICT DO NOTHING
        """;

    /// <summary>Stores a batch.</summary>
    public static async Task Handle(EventBatch batch, NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(database);
        var events = batch.Events;
        await using var command = database.CreateCommand(Insert);
        Add(NpgsqlDbType.Uuid, e => e.Event.Id);
        Add(NpgsqlDbType.TimestampTz, e => e.Event.Timestamp.UtcDateTime);
        Add(NpgsqlDbType.Bigint, e => e.Offset);
        Add(NpgsqlDbType.Integer, e => e.Partition);
        Add(NpgsqlDbType.Smallint, e => (short)e.Event.Level);
        Add(NpgsqlDbType.Text, e => e.Event.Source);
        Add(NpgsqlDbType.Text, e => e.Key);
        Add(NpgsqlDbType.Text, e => e.Event.Message);
        Add(NpgsqlDbType.Jsonb, e => e.Event.Attributes?.GetRawText());
        await command.ExecuteNonQueryAsync(cancellationToken);

        void Add<T>(NpgsqlDbType type, Func<Placed, T> value) =>
            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. events.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type });
    }
}
