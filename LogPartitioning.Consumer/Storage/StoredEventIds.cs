using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The table <c>log_event_ids</c>, as a batch uses it: which ids are stored, and those that come to them.</summary>
internal static class StoredEventIds
{
    /// <summary>The constraints that keep an id one event's are named after their partition.</summary>
    private const string Table = "log_event_ids";

    /// <summary>Whether one of the ids is there that was not looked for, or not yet there when it was: once more, and it is found.</summary>
    public static bool IsTaken(PostgresException failure) =>
        failure.SqlState == PostgresErrorCodes.UniqueViolation && failure.TableName?.StartsWith(Table, StringComparison.Ordinal) == true;

    /// <summary>Where the events are that have one of these ids already.</summary>
    public static async Task<Dictionary<Guid, EventPlace>> FindAsync(NpgsqlConnection connection, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var days = ids.Select(EventIdDay.Of).ToArray();
        // Nearly always all are of one day, and the partitions of the others are left out when the statement is planned. LIMIT keeps it at one
        // step down an index for each id: a table that grew since it was looked at last would be read as a whole.
        var (one, ofDay) = Array.TrueForAll(days, day => day == days[0]) ? (true, "$2") : (false, "p.day");
        await using var command = new NpgsqlCommand($"""
            SELECT p.id, i.timestamp, i.partition, i.log, i."offset"
            FROM {(one ? "unnest($1) AS p (id)" : "unnest($1, $2) AS p (id, day)")}
            CROSS JOIN LATERAL (SELECT * FROM log_event_ids i WHERE i.day = {ofDay} AND i.id = p.id LIMIT 1) AS i
            """, connection);
        command.Parameters.Add(new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        command.Parameters.Add(one
            ? new() { Value = days[0], NpgsqlDbType = NpgsqlDbType.Date }
            : new() { Value = days, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date });
        var found = new Dictionary<Guid, EventPlace>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.TryAdd(reader.GetGuid(0), new(reader.GetDateTime(1), reader.GetInt32(2), reader.GetInt16(3), reader.GetInt64(4)));
        }

        return found;
    }

    /// <summary>Adds ids that are not there.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="records">The records of the ids.</param>
    /// <param name="byId">Their order.</param>
    /// <param name="cancellationToken">Gives up; the transaction can only be rolled back then.</param>
    /// <exception cref="PostgresException">One is there; see <see cref="IsTaken"/>.</exception>
    public static Task AddAsync(NpgsqlConnection connection, IReadOnlyList<PlacedRecord> records, int[] byId, CancellationToken cancellationToken) => RowCopy.RunAsync(
        connection,
        """COPY log_event_ids (id, timestamp, "offset", day, partition, log) FROM STDIN (FORMAT BINARY)""",
        records,
        byId,
        columns: 6,
        static (buffer, in placed) =>
        {
            buffer.Add(placed.Record.Id);
            buffer.Add(placed.Record.Timestamp);
            buffer.Add(placed.Record.Offset);
            buffer.Add(EventIdDay.Of(placed.Record.Id));
            buffer.Add(placed.Partition);
            buffer.Add(placed.Log);
        },
        cancellationToken);
}
