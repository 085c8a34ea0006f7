using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The two ways of putting events into <c>log_events</c>.</summary>
internal abstract class EventInsert
{
    private const string Columns = """(id, partition, log, "offset", source, key, level, message, timestamp, attributes)""";

    /// <summary>Binary COPY straight into the table: the fast way. Fails when any event is stored already.</summary>
    public static EventInsert Copy { get; } = new CopyInsert();

    /// <summary>
    /// COPY into a temporary table, and from there what is not stored yet. The conflict target is the id alone: an event
    /// whose id is new, but whose partition and offset are taken, is no retry. It would vanish if it were left out, so it fails.
    /// </summary>
    public static EventInsert Staged { get; } = new StagedInsert();

    /// <summary>Inserts the events and tells how many of each partition went in.</summary>
    public abstract Task<IReadOnlyDictionary<int, int>> RunAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken);

    private static async Task CopyIntoAsync(string table, NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync($"COPY {table} {Columns} FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var batch in batches)
        {
            foreach (var record in batch.Records)
            {
                // The binary format converts nothing: each value is named by the type of its column.
                var e = record.Event;
                await import.StartRowAsync(cancellationToken);
                await import.WriteAsync(e.Id, NpgsqlDbType.Uuid, cancellationToken);
                await import.WriteAsync(batch.Partition, NpgsqlDbType.Integer, cancellationToken);
                await import.WriteAsync(batch.Log, NpgsqlDbType.Smallint, cancellationToken);
                await import.WriteAsync(record.Offset, NpgsqlDbType.Bigint, cancellationToken);
                await import.WriteAsync(e.Source, NpgsqlDbType.Text, cancellationToken);
                await import.WriteAsync(record.Key, NpgsqlDbType.Text, cancellationToken);
                await import.WriteAsync((short)e.Level, NpgsqlDbType.Smallint, cancellationToken);
                await import.WriteAsync(e.Message, NpgsqlDbType.Text, cancellationToken);
                await import.WriteAsync(e.Timestamp.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
                if (e.Attributes is null)
                {
                    await import.WriteNullAsync(cancellationToken);
                }
                else
                {
                    await import.WriteAsync(e.Attributes, NpgsqlDbType.Jsonb, cancellationToken);
                }
            }
        }
        await import.CompleteAsync(cancellationToken);
    }

    private sealed class CopyInsert : EventInsert
    {
        public override async Task<IReadOnlyDictionary<int, int>> RunAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
        {
            await CopyIntoAsync("log_events", connection, batches, cancellationToken);
            return batches.ToDictionary(b => b.Partition, b => b.Records.Count);
        }
    }

    private sealed class StagedInsert : EventInsert
    {
        public override async Task<IReadOnlyDictionary<int, int>> RunAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
        {
            // Without indexes or constraints, gone with the transaction.
            await using var stage = new NpgsqlCommand(
                "CREATE TEMPORARY TABLE staged_events (LIKE log_events INCLUDING DEFAULTS) ON COMMIT DROP", connection);
            await stage.ExecuteNonQueryAsync(cancellationToken);
            await CopyIntoAsync("staged_events", connection, batches, cancellationToken);
            // In offset order, so that of two events with one id the first is kept.
            await using var insert = new NpgsqlCommand($"""
                WITH inserted AS (
                  INSERT INTO log_events {Columns}
                  SELECT {Columns.Trim('(', ')')} FROM staged_events ORDER BY partition, "offset"
                  ON CONFLICT (id) DO NOTHING
                  RETURNING partition)
                SELECT partition, count(*)::integer FROM inserted GROUP BY partition
                """, connection);
            var inserted = batches.ToDictionary(b => b.Partition, _ => 0);
            await using var reader = await insert.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                inserted[reader.GetInt32(0)] = reader.GetInt32(1);
            }
            return inserted;
        }
    }
}
