using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>What is known of a dead letter's replay.</summary>
/// <param name="Sent">True once the brokers acknowledged it; false while only the intention is on record.</param>
/// <param name="At">When it was sent, or was about to be.</param>
/// <param name="Partition">Where the new record is, when <paramref name="Sent"/>.</param>
/// <param name="Offset">Where the new record is, when <paramref name="Sent"/>.</param>
internal sealed record DeadLetterRedriveEntry(bool Sent, DateTimeOffset At, int? Partition, long? Offset);

/// <summary>
/// The table <c>dead_letter_replays</c>: one row per dead letter that was sent again, written before the sending. Whoever
/// writes the row may send, so that two requests, or two gateways, never send the same one.
/// </summary>
internal sealed class DeadLetterRedriveLedger
{
    private const string Sending = "sending";
    private const string Sent = "sent";
    private readonly NpgsqlDataSource _database;

    /// <summary>Keeps the ledger in <paramref name="database"/>, whose schema must stand.</summary>
    public DeadLetterRedriveLedger(NpgsqlDataSource database) => _database = database;

    /// <summary>What is on record for <paramref name="origins"/>; nothing for those that were never sent.</summary>
    public Task<IReadOnlyDictionary<DeadLetterOrigin, DeadLetterRedriveEntry>> ReadAsync(
        IReadOnlyCollection<DeadLetterOrigin> origins, CancellationToken cancellationToken) =>
        _database.ReadAsync(token => ReadOnceAsync(origins, token), cancellationToken);

    private async Task<IReadOnlyDictionary<DeadLetterOrigin, DeadLetterRedriveEntry>> ReadOnceAsync(
        IReadOnlyCollection<DeadLetterOrigin> origins, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<DeadLetterOrigin, DeadLetterRedriveEntry>();
        // Anybody can write to the dead letter topic. What cannot be a topic was never sent from there, and the database refuses
        // some such names even as a question.
        origins = [.. origins.Where(o => KafkaOptions.IsTopicName(o.Topic))];
        if (origins.Count == 0)
        {
            return entries;
        }
        await using var command = _database.CreateCommand(
            """
            SELECT o.topic, o.partition, o."offset", r.state, r.replayed_at, r.new_partition, r.new_offset, o.topic_id
            FROM dead_letter_replays r
            JOIN unnest($1, $2, $3, $4) AS o (topic, partition, "offset", topic_id) USING (topic, partition, "offset")
            WHERE r.topic_id = o.topic_id OR r.topic_id = '' OR o.topic_id = ''
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. origins.Select(o => o.Topic)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. origins.Select(o => o.Partition)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. origins.Select(o => o.Offset)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. origins.Select(o => o.TopicId)] });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            entries[new DeadLetterOrigin(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetString(7))] = new DeadLetterRedriveEntry(
                reader.GetString(3) == Sent,
                reader.GetFieldValue<DateTimeOffset>(4),
                await reader.IsDBNullAsync(5, cancellationToken).ConfigureAwait(false) ? null : reader.GetInt32(5),
                await reader.IsDBNullAsync(6, cancellationToken).ConfigureAwait(false) ? null : reader.GetInt64(6));
        }
        return entries;
    }

    /// <summary>The newest rows, newest first, of every gateway's redrives.</summary>
    public Task<IReadOnlyList<(DeadLetterOrigin Origin, DeadLetterRedriveEntry Entry)>> ReadNewestAsync(int limit, CancellationToken cancellationToken) =>
        _database.ReadAsync(token => ReadNewestOnceAsync(limit, token), cancellationToken);

    private async Task<IReadOnlyList<(DeadLetterOrigin Origin, DeadLetterRedriveEntry Entry)>> ReadNewestOnceAsync(int limit, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(
            """
            SELECT topic, partition, "offset", topic_id, state, replayed_at, new_partition, new_offset
            FROM dead_letter_replays ORDER BY replayed_at DESC LIMIT $1
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<(DeadLetterOrigin, DeadLetterRedriveEntry)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add((
                new DeadLetterOrigin(reader.GetString(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetString(3)),
                new DeadLetterRedriveEntry(
                    reader.GetString(4) == Sent,
                    reader.GetFieldValue<DateTimeOffset>(5),
                    await reader.IsDBNullAsync(6, cancellationToken).ConfigureAwait(false) ? null : reader.GetInt32(6),
                    await reader.IsDBNullAsync(7, cancellationToken).ConfigureAwait(false) ? null : reader.GetInt64(7))));
        }
        return rows;
    }

    /// <summary>Puts the intention on record. False when it, or the sending, is on record already: do not send.</summary>
    public async Task<bool> TryBeginAsync(DeadLetterOrigin origin, CancellationToken cancellationToken) =>
        await ExecuteAsync(
            """
            INSERT INTO dead_letter_replays (topic, partition, "offset", topic_id, state) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (topic, topic_id, partition, "offset") DO NOTHING
            """,
            origin,
            [new NpgsqlParameter<string> { TypedValue = Sending }],
            cancellationToken).ConfigureAwait(false) == 1;

    /// <summary>Puts the acknowledged sending on record.</summary>
    public Task CompleteAsync(DeadLetterOrigin origin, int partition, long offset, CancellationToken cancellationToken) =>
        ExecuteAsync(
            """
            UPDATE dead_letter_replays SET state = $5, replayed_at = now(), new_partition = $6, new_offset = $7
            WHERE topic = $1 AND partition = $2 AND "offset" = $3 AND topic_id = $4
            """,
            origin,
            [
                new NpgsqlParameter<string> { TypedValue = Sent },
                new NpgsqlParameter<int> { TypedValue = partition },
                new NpgsqlParameter<long> { TypedValue = offset },
            ],
            cancellationToken);

    /// <summary>Takes back an intention of which it is certain that nothing was sent.</summary>
    public Task WithdrawAsync(DeadLetterOrigin origin, CancellationToken cancellationToken) =>
        ExecuteAsync(
            """DELETE FROM dead_letter_replays WHERE topic = $1 AND partition = $2 AND "offset" = $3 AND topic_id = $4 AND state = $5""",
            origin,
            [new NpgsqlParameter<string> { TypedValue = Sending }],
            cancellationToken);

    private async Task<int> ExecuteAsync(
        string sql, DeadLetterOrigin origin, NpgsqlParameter[] more, CancellationToken cancellationToken)
    {
        await using var command = _database.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = origin.Topic, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = origin.Partition });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = origin.Offset });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = origin.TopicId });
        command.Parameters.AddRange(more);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
