using System.Runtime.CompilerServices;
using LogPartitioning.LoadTest.Ledgers;

using Npgsql;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>Reads the store's tables directly. Knows, unlike the gateway's reader, when each event was written.</summary>
/// <param name="database">The store's database; stays the caller's to dispose.</param>
/// <param name="topic">The topic that the store is filled from.</param>
/// <param name="group">The consumer group that fills it.</param>
/// <param name="partitions">Partitions of the topic, 1 or more.</param>
public sealed class PostgresStoredEvents(
    NpgsqlDataSource database, string topic = "log-events", string group = "log-processors", int partitions = 12) : IStoredEvents
{
    /// <inheritdoc/>
    /// <exception cref="NpgsqlException">The database does not answer, or refuses.</exception>
    public async IAsyncEnumerable<StoredEvent> ReadAsync(string source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT id, partition, "offset", key, message, attributes->>'run', attributes->>'seq', stored_at
            FROM log_events WHERE source = $1 ORDER BY partition, "offset"
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return new StoredEvent(
                reader.GetGuid(0),
                source,
                reader.GetInt32(1),
                reader.GetInt64(2),
                LedgerEntry.MessageHash(reader.GetString(4)),
                !reader.IsDBNull(5) && Guid.TryParse(reader.GetString(5), out var run) ? run : null,
                !reader.IsDBNull(6) && long.TryParse(reader.GetString(6), out var sequence) ? sequence : null,
                reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(7));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NpgsqlException">The database does not answer, or refuses.</exception>
    public async Task<IReadOnlyDictionary<int, long>> ReadNextOffsetsAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT partition, next_offset FROM consumer_offsets WHERE group_id = $1 AND topic = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = group });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var offsets = new Dictionary<int, long>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            offsets[reader.GetInt32(0)] = reader.GetInt64(1);
        }

        return offsets;
    }

    /// <inheritdoc/>
    /// <exception cref="NpgsqlException">The database does not answer, or refuses.</exception>
    public async Task<SourceKeys> ReadKeysAsync(string source, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT keys FROM source_splits WHERE source = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = source });
        var keys = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is int split ? split : 1;
        return new SourceKeys(
            partitions, keys == 1 ? [source] : [.. Enumerable.Range(1, keys).Select(i => $"{source}-{i}")]);
    }
}
