using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>What went into <c>log_events</c>.</summary>
/// <param name="Stored">Events stored, of each partition. All others are stored already, but for the conflicts.</param>
internal sealed record InsertOutcome(IReadOnlyDictionary<int, int> Stored)
{
    /// <summary>Events whose id is that of a stored one from which they differ.</summary>
    public IReadOnlyList<IdConflict> Conflicts { get; init; } = [];
}

/// <summary>The two ways of putting events into <c>log_events</c>.</summary>
internal abstract class EventInsert
{
    private const string Columns = """(id, partition, log, "offset", source, key, level, message, timestamp, attributes)""";

    /// <summary>Binary COPY straight into the table: the fast way. Fails when any id is stored already.</summary>
    public static EventInsert Copy { get; } = new CopyInsert();

    /// <summary>
    /// COPY into a temporary table, and from there what is not stored yet. The conflict target is the id alone: an event
    /// whose id is new, but whose partition and offset are taken, is no retry. It would vanish if it were left out, so it fails.
    /// </summary>
    public static EventInsert Staged { get; } = new StagedInsert();

    /// <summary>Inserts the events and tells how many of each partition went in.</summary>
    public abstract Task<InsertOutcome> RunAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken);

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
        public override async Task<InsertOutcome> RunAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
        {
            await CopyIntoAsync("log_events", connection, batches, cancellationToken);
            return new(batches.ToDictionary(b => b.Partition, b => b.Records.Count));
        }
    }

    private sealed class StagedInsert : EventInsert
    {
        public override async Task<InsertOutcome> RunAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
        {
            // Without indexes or constraints, gone with the transaction.
            await using var stage = new NpgsqlCommand(
                "CREATE TEMPORARY TABLE staged_events (LIKE log_events INCLUDING DEFAULTS) ON COMMIT DROP", connection);
            await stage.ExecuteNonQueryAsync(cancellationToken);
            await CopyIntoAsync("staged_events", connection, batches, cancellationToken);
            var stored = await InsertAsync(connection, batches, cancellationToken);
            return new(stored)
            {
                Conflicts = stored.Values.Sum() == batches.Sum(b => b.Records.Count) ? [] : await ConflictsAsync(connection, batches, cancellationToken),
            };
        }

        private static async Task<Dictionary<int, int>> InsertAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
        {
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

        /// <summary>
        /// What was left out though it is no retry. Asked after the insert, which sees no row of its own, so that two events of one batch
        /// are compared, too. An event at its own place is itself: history that is read again.
        /// </summary>
        private static async Task<List<IdConflict>> ConflictsAsync(NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
        {
            await using var compare = new NpgsqlCommand("""
                SELECT s.partition, s."offset", s.id, e.partition, e."offset",
                       e.source <> s.source,
                       (e.level, e.message, e.attributes) IS DISTINCT FROM (s.level, s.message, s.attributes)
                FROM staged_events s JOIN log_events e ON e.id = s.id
                WHERE (e.partition, e.log, e."offset") <> (s.partition, s.log, s."offset")
                  AND (e.source, e.level, e.message, e.attributes, e.timestamp) IS DISTINCT FROM (s.source, s.level, s.message, s.attributes, s.timestamp)
                ORDER BY s.partition, s."offset"
                """, connection);
            var records = batches.SelectMany(b => b.Records, (batch, record) => (batch.Partition, Record: record)).ToDictionary(r => (r.Partition, r.Record.Offset), r => r.Record);
            var conflicts = new List<IdConflict>();
            await using var reader = await compare.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                var (partition, offset) = (reader.GetInt32(0), reader.GetInt64(1));
                var (otherSource, otherContent) = (reader.GetBoolean(5), reader.GetBoolean(6));
                if (otherSource || otherContent || records[(partition, offset)].HasSentTimestamp)
                {
                    var what = otherSource ? "of another source" : otherContent ? "with other content" : "with another timestamp";
                    conflicts.Add(new(partition, offset, string.Create(
                        CultureInfo.InvariantCulture, $"an event {what} is stored with the id {reader.GetGuid(2)}, at partition {reader.GetInt32(3)}, offset {reader.GetInt64(4)}")));
                }
            }
            return conflicts;
        }
    }
}
