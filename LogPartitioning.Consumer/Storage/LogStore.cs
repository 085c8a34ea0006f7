using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// The store as a consumer group sees it: partitions are claimed, and each batch of events is written in one transaction
/// with the positions it moves.
/// </summary>
/// <remarks>
/// Why an event is stored once, whoever believes to own its partition. Old is the previous owner, New the next one.
/// <list type="number">
/// <item>Old's batch, then New's claim: the batch holds the row of the partition from its first statement to its commit,
/// so the claim waits and then reads the position that Old has moved.</item>
/// <item>New's claim, then Old's batch: the claim has raised the epoch, Old's conditional update changes no row, Old
/// rolls back: fenced.</item>
/// <item>Old is frozen in the middle of its transaction: it would keep New waiting for as long as it is frozen. The claim
/// ends the database session that stands in its way. Old's transaction is rolled back; when it wakes, it meets case 2.</item>
/// <item>Old's commit whose answer is lost: the redone batch meets either the position it started from (the commit did
/// not happen: written now), the position it leads to (it did happen: nothing to do), or New's epoch (fenced). The
/// conditional update waits for the row, so a commit that is still on its way is over when it looks.</item>
/// </list>
/// </remarks>
/// <param name="database">The database that holds the schema of <see cref="LogStoreSchema"/>.</param>
/// <param name="group">The consumer group whose positions are kept.</param>
/// <param name="topic">The topic whose partitions are claimed.</param>
/// <param name="days">Makes the partitions of the days that events are of; null where somebody else does.</param>
internal sealed class LogStore(NpgsqlDataSource database, string group, string topic, DayPartitions? days = null) : IPartitionStore
{
    private const int MaxAttempts = 4;

    /// <summary>After a batch with an id that was stored before this instance saw it, there may be more: so many batches look for every id.</summary>
    private const int BatchesAfterUnseen = 64;

    private readonly SeenIds _seen = new();
    private int _lookForAll;

    /// <summary>How long a claim waits for another transaction on the same partition before it ends that transaction's session.</summary>
    public TimeSpan ClaimBlockedFor { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// The same for a batch. Its partitions are claimed, so what holds their rows is a session that has lost its client: the
    /// connection broke without a word, and the database would notice after hours.
    /// </summary>
    public TimeSpan WriteBlockedFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public async Task<IReadOnlyList<PartitionClaim>> ClaimAsync(IReadOnlyCollection<int> partitions, string owner, string? topicId, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // Sorted, so that two claims of the same partitions queue up instead of locking each other out.
        await using var command = new NpgsqlCommand("""
            INSERT INTO consumer_offsets AS o (group_id, topic, partition, next_offset, owner, epoch, topic_id)
            SELECT $1, $2, p, 0, $4, 1, $5 FROM unnest($3) AS p ORDER BY p
            ON CONFLICT (group_id, topic, partition) DO UPDATE SET
              owner = excluded.owner,
              epoch = o.epoch + 1,
              updated_at = now(),
              topic_id = coalesce(o.topic_id, excluded.topic_id),
              halted = CASE WHEN o.topic_id <> excluded.topic_id THEN $6 ELSE o.halted END,
              halted_detail = CASE WHEN o.topic_id <> excluded.topic_id
                THEN format('the position is of topic id %s, and the brokers have %s: the topic was created again', o.topic_id, excluded.topic_id)
                ELSE o.halted_detail END,
              halted_at = CASE WHEN o.topic_id <> excluded.topic_id THEN coalesce(o.halted_at, now()) ELSE o.halted_at END
            RETURNING partition, epoch, next_offset, last_stored_at, topic_id, log, halted, halted_detail, halted_at, passing_until
            """, connection);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.AddArray(partitions, NpgsqlDbType.Integer);
        command.Parameters.Add(new() { Value = owner });
        command.Parameters.Add(new() { Value = (object?)topicId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = HaltCause.LogReplaced });

        await using var clearing = BlockingSessions.ClearFor(database, command, ClaimBlockedFor, cancellationToken);
        return await ReadClaimsAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<PartitionClaim>> ReadClaimsAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var claims = new List<PartitionClaim>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            claims.Add(new(
                reader.GetInt32(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                await reader.IsDBNullAsync(3, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(3))
            {
                TopicId = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4),
                Log = reader.GetInt16(5),
                Halt = await reader.IsDBNullAsync(6, cancellationToken)
                    ? null
                    : PartitionHalt.FromRecord(reader.GetString(6), reader.GetString(7), reader.GetFieldValue<DateTimeOffset>(8)),
                PassingUntil = reader.GetInt64(9),
            });
        }
        return claims;
    }

    /// <inheritdoc />
    public async Task<BatchOutcome> WriteAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        if (days is not null)
        {
            await days.MakeAsync(batches, cancellationToken);
        }

        var transaction = new BatchTransaction(database, group, topic, WriteBlockedFor);
        var isHistory = false;
        IReadOnlyList<Guid>? lookFor = _seen.AddAndFind(batches.SelectMany(b => b.Records, (_, record) => record.Id));
        if (Volatile.Read(ref _lookForAll) > 0)
        {
            Interlocked.Decrement(ref _lookForAll);
            lookFor = null;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await transaction.RunAsync(batches, isHistory, lookFor, cancellationToken);
            }
            catch (PostgresException e) when (StoredEventIds.IsTaken(e) && attempt < MaxAttempts)
            {
                // An id that was not seen here, or, which is rare, two events with one id come through two partitions at the same moment. Now it is found.
                Volatile.Write(ref _lookForAll, BatchesAfterUnseen);
                lookFor = null;
            }
            catch (PostgresException e) when (StoredEventPlaces.IsTaken(e) && !isHistory)
            {
                isHistory = true;
            }
        }
    }

    /// <inheritdoc />
    public async Task HaltAsync(int partition, long epoch, PartitionHalt halt, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            UPDATE consumer_offsets SET halted = $5, halted_detail = $6, halted_at = now()
            WHERE group_id = $1 AND topic = $2 AND partition = $3 AND epoch = $4 AND halted IS NULL
            """);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.Parameters.Add(new() { Value = partition });
        command.Parameters.Add(new() { Value = epoch });
        command.Parameters.Add(new() { Value = halt.Cause });
        command.Parameters.Add(new() { Value = halt.Detail });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<FencedPartition>> StandingAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT partition, owner, epoch, next_offset FROM consumer_offsets
            WHERE group_id = $1 AND topic = $2 AND partition = ANY($3)
            """);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.AddArray(partitions, NpgsqlDbType.Integer);
        var standing = new List<FencedPartition>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            standing.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetInt64(2), reader.GetInt64(3)));
        }
        return standing;
    }

    /// <inheritdoc />
    public void RenewConnections() => database.Clear();

    /// <inheritdoc />
    public async Task<IReadOnlySet<int>> ReleasedAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT p FROM unnest($3) AS p
            WHERE NOT EXISTS (
              SELECT FROM consumer_offsets WHERE group_id = $1 AND topic = $2 AND partition = p AND halted IS NOT NULL)
            """);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.AddArray(partitions, NpgsqlDbType.Integer);
        var released = new HashSet<int>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            released.Add(reader.GetInt32(0));
        }
        return released;
    }
}
