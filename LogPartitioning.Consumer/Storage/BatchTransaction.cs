using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The one transaction that stores events and moves positions: all of it happens, or nothing.</summary>
internal sealed class BatchTransaction(NpgsqlDataSource database, string group, string topic, TimeSpan patience)
{
    public async Task<BatchOutcome> RunAsync(IReadOnlyList<PartitionBatch> batches, bool isHistory, IReadOnlyList<Guid>? lookFor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // Disposing without a commit rolls back.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // The positions first. The update takes each partition's row lock, so that a claim by somebody else waits until
        // this transaction is over instead of reading a position that is about to move; and a fenced batch is found
        // before its events are sent.
        var (moved, at) = await MovePositionsAsync(connection, batches, cancellationToken);
        if (moved.Count != batches.Count)
        {
            return await ExplainAsync(connection, batches.Where(b => !moved.Contains(b.Partition)).ToList(), cancellationToken);
        }

        foreach (var batch in batches.Where(b => b.Gaps.Count > 0))
        {
            await AddGapsAsync(connection, batch, cancellationToken);
        }

        var records = batches.Sum(b => b.Records.Count);
        var inserted = records == 0
            ? new InsertOutcome(batches.ToDictionary(b => b.Partition, _ => 0))
            : await EventInsert.RunAsync(connection, batches, isHistory, lookFor, cancellationToken);
        if (inserted.Conflicts.Count > 0)
        {
            // The positions may not move past an event that is neither stored nor set aside.
            return new() { Conflicts = inserted.Conflicts };
        }

        // Once sent, a commit is not called back: cancelling here would only leave its outcome unknown.
        await transaction.CommitAsync(CancellationToken.None);
        return new() { Stored = inserted.Stored, Duplicates = records - inserted.Stored.Values.Sum(), At = at };
    }

    private async Task<(HashSet<int> Moved, DateTimeOffset At)> MovePositionsAsync(
        NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            UPDATE consumer_offsets AS o
            SET next_offset = b.batch_end, last_stored_at = clock_timestamp(), updated_at = now(),
                last_offset = coalesce(b.last_offset, o.last_offset), last_id = coalesce(b.last_id, o.last_id)
            FROM unnest($3, $4, $5, $6, $7, $8) AS b (partition, epoch, batch_start, batch_end, last_offset, last_id)
            WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = b.partition
              AND o.epoch = b.epoch AND o.next_offset = b.batch_start AND b.batch_end > b.batch_start
            RETURNING o.partition, o.last_stored_at
            """, connection);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.AddArray(batches.Select(b => b.Partition), NpgsqlDbType.Integer);
        command.AddArray(batches.Select(b => b.Epoch), NpgsqlDbType.Bigint);
        command.AddArray(batches.Select(b => b.Start), NpgsqlDbType.Bigint);
        command.AddArray(batches.Select(b => b.End), NpgsqlDbType.Bigint);
        command.AddArray(batches.Select(b => b.Records is [.., var last] ? last.Offset : (long?)null), NpgsqlDbType.Bigint);
        command.AddArray(batches.Select(b => b.Records is [.., var last] ? last.Id : (Guid?)null), NpgsqlDbType.Uuid);

        await using var clearing = BlockingSessions.ClearFor(database, command, patience, cancellationToken);
        var moved = new HashSet<int>();
        var at = DateTimeOffset.MinValue;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            moved.Add(reader.GetInt32(0));
            at = reader.GetFieldValue<DateTimeOffset>(1);
        }
        return (moved, at);
    }

    private async Task AddGapsAsync(NpgsqlConnection connection, PartitionBatch batch, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO log_gaps (group_id, topic, partition, log, from_offset, to_offset, cause)
            SELECT $1, $2, $3, $4, f, t, c FROM unnest($5, $6, $7) AS gap (f, t, c)
            ON CONFLICT DO NOTHING
            """, connection);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.Parameters.Add(new() { Value = batch.Partition });
        command.Parameters.Add(new() { Value = batch.Log });
        command.AddArray(batch.Gaps.Select(g => g.From), NpgsqlDbType.Bigint);
        command.AddArray(batch.Gaps.Select(g => g.To), NpgsqlDbType.Bigint);
        command.AddArray(batch.Gaps.Select(g => g.Cause), NpgsqlDbType.Text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Tells for each partition that did not move whether somebody else has it, or whether it had moved before.</summary>
    private async Task<BatchOutcome> ExplainAsync(NpgsqlConnection connection, List<PartitionBatch> unmoved, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT partition, owner, epoch, next_offset FROM consumer_offsets
            WHERE group_id = $1 AND topic = $2 AND partition = ANY($3)
            """, connection);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.AddArray(unmoved.Select(b => b.Partition), NpgsqlDbType.Integer);

        var rows = new Dictionary<int, FencedPartition>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var partition = reader.GetInt32(0);
                rows.Add(partition, new(partition, reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
            }
        }

        var fenced = new List<FencedPartition>();
        var applied = new List<int>();
        foreach (var batch in unmoved)
        {
            var row = rows.GetValueOrDefault(batch.Partition) ?? new(batch.Partition, null, null, null);
            if (row.Epoch == batch.Epoch && row.NextOffset == batch.End)
            {
                applied.Add(batch.Partition);
            }
            else
            {
                fenced.Add(row);
            }
        }
        return new() { Fenced = fenced, AlreadyApplied = applied };
    }
}
