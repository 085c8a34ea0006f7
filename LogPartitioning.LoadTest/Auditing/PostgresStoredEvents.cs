using System.Runtime.CompilerServices;
using LogPartitioning.LoadTest.Ledgers;
using Npgsql;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>
/// Reads the store's tables directly. Knows, unlike the gateway's reader, when each event was written. Every call may
/// end in <see cref="NpgsqlException"/>.
/// </summary>
/// <param name="database">The store's database; stays the caller's to dispose.</param>
/// <param name="topic">The topic that the store is filled from.</param>
/// <param name="group">The consumer group that fills it.</param>
/// <param name="partitions">Partitions of the topic, 1 or more.</param>
internal sealed class PostgresStoredEvents(NpgsqlDataSource database, string topic, string group, int partitions) : IStoredEvents
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredEvent> ReadAsync(string source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT id, partition, "offset", key, message, attributes->>'run', attributes->>'seq', stored_at
            FROM log_events WHERE source = $1 ORDER BY partition, "offset"
            """,
            source);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            yield return new StoredEvent(
                row.GetGuid(0), source, row.GetInt32(1), row.GetInt64(2), LedgerEntry.MessageHash(row.GetString(4)),
                StoredEvent.ReadRun(row.GetValue(5) as string), StoredEvent.ReadSequence(row.GetValue(6) as string),
                row.GetString(3), row.GetFieldValue<DateTimeOffset>(7));
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<int, long>> ReadNextOffsetsAsync(CancellationToken cancellationToken)
    {
        await using var command = Command(
            "SELECT partition, next_offset FROM consumer_offsets WHERE group_id = $1 AND topic = $2", group, topic);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var offsets = new Dictionary<int, long>();
        while (await row.ReadAsync(cancellationToken))
        {
            offsets[row.GetInt32(0)] = row.GetInt64(1);
        }

        return offsets;
    }

    /// <inheritdoc/>
    public async Task<SourceKeys> ReadKeysAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT keys FROM source_splits WHERE source = $1", source);
        return new SourceKeys(partitions, await command.ExecuteScalarAsync(cancellationToken) is > 1);
    }

    private NpgsqlCommand Command(string sql, params string[] parameters)
    {
        var command = database.CreateCommand(sql);
        command.Parameters.AddRange(parameters.Select(text => new NpgsqlParameter<string> { TypedValue = text }).ToArray());
        return command;
    }
}
