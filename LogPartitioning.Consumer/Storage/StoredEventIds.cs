using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The table <c>log_event_ids</c>, as a batch uses it: which ids are stored, and those that come to them.</summary>
internal static class StoredEventIds
{
    /// <summary>The constraints that keep an id one event's are named after their partition.</summary>
    private const string Table = "log_event_ids";

    /// <summary>Whether another transaction stored one of the ids after it was looked for: once more, and it is found.</summary>
    public static bool IsTaken(PostgresException failure) =>
        failure.SqlState == PostgresErrorCodes.UniqueViolation && failure.TableName?.StartsWith(Table, StringComparison.Ordinal) == true;

    /// <summary>Where the events are that have one of these ids already.</summary>
    public static async Task<Dictionary<Guid, EventPlace>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        // The days are given, so that the partitions of others are left alone; an array, so that each id is one step down an index.
        await using var command = new NpgsqlCommand(
            """SELECT id, timestamp, partition, log, "offset" FROM log_event_ids WHERE day = ANY($1) AND id = ANY($2)""", connection);
        command.Parameters.Add(new() { Value = ids.Select(EventIdDay.Of).Distinct().ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date });
        command.Parameters.Add(new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        var found = new Dictionary<Guid, EventPlace>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetGuid(0), new(reader.GetDateTime(1), reader.GetInt32(2), reader.GetInt16(3), reader.GetInt64(4)));
        }

        return found;
    }

    /// <summary>Adds ids that are not there.</summary>
    /// <exception cref="PostgresException">One is there; see <see cref="IsTaken"/>.</exception>
    public static async Task AddAsync(NpgsqlConnection connection, IReadOnlyList<PlacedRecord> records, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            """COPY log_event_ids (id, timestamp, "offset", day, partition, log) FROM STDIN (FORMAT BINARY)""", cancellationToken);
        foreach (var (place, record) in records)
        {
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync(record.Event.Id, NpgsqlDbType.Uuid, cancellationToken);
            await import.WriteAsync(place.Timestamp, NpgsqlDbType.TimestampTz, cancellationToken);
            await import.WriteAsync(place.Offset, NpgsqlDbType.Bigint, cancellationToken);
            await import.WriteAsync(EventIdDay.Of(record.Event.Id), NpgsqlDbType.Date, cancellationToken);
            await import.WriteAsync(place.Partition, NpgsqlDbType.Integer, cancellationToken);
            await import.WriteAsync(place.Log, NpgsqlDbType.Smallint, cancellationToken);
        }

        await import.CompleteAsync(cancellationToken);
    }
}
