using LogPartitioning.Core.Events;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>
/// Reads stored events by timestamp, from either end. Where timestamps are equal the place of the record decides, so the order is the same
/// whenever it is asked for, and a page goes on exactly where the one before ended, whatever was stored meanwhile.
/// </summary>
/// <remarks>
/// Day after day the places of matching events are found, until there are enough for a page: a day that need not be read is not touched. Only
/// what is on the page is then read whole, and cut by bytes in the database, so that neither it nor this process holds more than a
/// page, however large the events are.
/// </remarks>
internal sealed class LogQuery(NpgsqlDataSource database)
{
    /// <summary>How many bytes of text a page holds at most; an event that is larger by itself is a page of its own.</summary>
    public const int MaxPageBytes = 1024 * 1024;

    // Of an event without its texts: ids, times and numbers, as the answer has them.
    private const int FixedBytes = 256;

    /// <summary>How long the database may search before it gives up, whatever the filter asks for.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many events a search for a text may look through.</summary>
    public long MaxSearchedEvents { get; init; } = QueryOptions.DefaultMaxSearchedEvents;

    /// <summary>Reads one page.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="LogFilter.Limit"/> is out of range.</exception>
    /// <exception cref="SearchTooWideException">A text would be looked for in more events than may be.</exception>
    /// <exception cref="TimeoutException">The filter matches too rarely to find a page of events within <see cref="StatementTimeout"/>.</exception>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public async Task<LogPage> RunAsync(LogFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(filter.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(filter.Limit, LogFilter.MaxLimit);
        return await BoundedReading.RunAsync(database, StatementTimeout, reading => ReadPageAsync(reading, filter), cancellationToken);
    }

    private async Task<LogPage> ReadPageAsync(BoundedReading reading, LogFilter filter)
    {
        var pieces = filter.Window().ByDay(await reading.DaysAsync(), filter.Order).ToList();
        if (filter.Contains is not null)
        {
            await new SearchBound(MaxSearchedEvents).CheckAsync(reading, filter, pieces);
        }

        var (places, more) = await FindAsync(reading, filter, pieces);
        if (places.Count == 0)
        {
            return new([], null, 0);
        }

        var rows = await reading.ListAsync(Events(places), Read);
        // An event that was deleted since its place was found is not there. The next page starts after the last one that is.
        var last = rows.Count > 0 ? rows[^1].Nth : places.Count;
        return new(
            [.. rows.Select(row => row.Event)],
            more || last < places.Count ? new(filter.Order, places[(int)last - 1]) : null,
            rows.Sum(row => row.Bytes));
    }

    /// <summary>The places of the events that may be on the page, and whether there are more.</summary>
    private static async Task<(List<LogPlace> Places, bool More)> FindAsync(BoundedReading reading, LogFilter filter, IEnumerable<TimeRange> pieces)
    {
        var places = new List<LogPlace>();
        var bytes = 0L;
        foreach (var piece in pieces)
        {
            // One more than there is room for tells whether there is a next page.
            foreach (var (place, stored) in await reading.ListAsync(Places(filter, piece, filter.Limit + 1 - places.Count), ReadPlace))
            {
                bytes += stored;
                if (places.Count == filter.Limit || (bytes > MaxPageBytes && places.Count > 0))
                {
                    return (places, true);
                }

                places.Add(place);
            }
        }

        return (places, false);
    }

    /// <summary>
    /// The next matching events of a piece of time, without their texts. Of these the sizes as they are stored, for which nothing need be
    /// decompressed.
    /// </summary>
    private static NpgsqlBatchCommand Places(LogFilter filter, TimeRange piece, int count)
    {
        var statement = new Statement();
        var (direction, beyond) = filter.Order == LogOrder.Oldest ? ("", ">") : (" DESC", "<");
        var conditions = statement.In(piece, "timestamp") + Statement.Levels(filter.Level, filter.MinLevel);
        if (filter.Source is { } source)
        {
            conditions += $" AND source = {statement.Value(source, NpgsqlDbType.Text)}";
        }

        if (filter.Partition is { } partition)
        {
            conditions += $" AND partition = {statement.Value(partition, NpgsqlDbType.Integer)}";
        }

        if (filter.Contains is { } text)
        {
            // Of no language, and the same whatever the locale of the database; capitals, since ß has two of them, and σ and ς the same one.
            conditions += $"""
                 AND strpos(upper(message COLLATE "und-x-icu"), upper({statement.Value(text, NpgsqlDbType.Text)} COLLATE "und-x-icu")) > 0
                """;
        }

        if (filter.After?.Place is { } last)
        {
            conditions += $"""
                 AND (timestamp, partition, log, "offset") {beyond} ({statement.Value(last.Timestamp, NpgsqlDbType.TimestampTz)}, {statement.Value(last.Partition, NpgsqlDbType.Integer)}, {statement.Value(last.Log, NpgsqlDbType.Smallint)}, {statement.Value(last.Offset, NpgsqlDbType.Bigint)})
                """;
        }

        return statement.With($"""
            SELECT timestamp, partition, log, "offset", octet_length(message) + least(coalesce(pg_column_size(attributes), 0), {statement.Value(MaxPageBytes, NpgsqlDbType.Integer)})
            FROM log_events WHERE {conditions}
            ORDER BY timestamp{direction}, partition{direction}, log{direction}, "offset"{direction} LIMIT {statement.Value(count, NpgsqlDbType.Integer)}
            """);
    }

    /// <summary>
    /// The events at these places, as many as a page takes, with the size that attributes have as text, which compression hides. Each is
    /// looked for by itself, in the one partition that can have it; LIMIT keeps the planner from thinking of another way.
    /// </summary>
    private static NpgsqlBatchCommand Events(List<LogPlace> places)
    {
        var statement = new Statement();
        var range = new TimeRange(places.Min(place => place.Timestamp), TimeRange.UpTo(places.Max(place => place.Timestamp)).To);
        return statement.With($"""
            WITH sized AS (
              SELECT p.nth, e.*, {FixedBytes} + octet_length(e.source) + octet_length(e.key) + octet_length(e.message) + coalesce(octet_length(e.attributes::text), 0) AS bytes
              FROM unnest({Array(place => place.Timestamp, NpgsqlDbType.TimestampTz)}, {Array(place => place.Partition, NpgsqlDbType.Integer)},
                {Array(place => place.Log, NpgsqlDbType.Smallint)}, {Array(place => place.Offset, NpgsqlDbType.Bigint)}) WITH ORDINALITY AS p (timestamp, partition, log, "offset", nth)
              CROSS JOIN LATERAL (
                SELECT * FROM log_events
                WHERE (timestamp, partition, log, "offset") = (p.timestamp, p.partition, p.log, p."offset") AND {statement.In(range, "timestamp")}
                LIMIT 1) AS e)
            SELECT partition, "offset", id, source, key, level, message, timestamp, attributes, stored_at, log, bytes, nth
            FROM (SELECT *, sum(bytes) OVER page AS up_to, row_number() OVER page AS place FROM sized WINDOW page AS (ORDER BY nth)) AS page
            WHERE up_to <= {statement.Value(MaxPageBytes, NpgsqlDbType.Integer)} OR place = 1
            ORDER BY nth
            """);

        string Array<T>(Func<LogPlace, T> of, NpgsqlDbType type) => statement.Value(places.Select(of).ToArray(), NpgsqlDbType.Array | type);
    }

    private static (LogPlace Place, int StoredBytes) ReadPlace(NpgsqlDataReader reader) =>
        (new(reader.GetDateTime(0), reader.GetInt32(1), reader.GetInt16(2), reader.GetInt64(3)), reader.GetInt32(4));

    private static (StoredLogEvent Event, int Bytes, long Nth) Read(NpgsqlDataReader reader) => (
        new(
            new LogEvent(
                reader.GetGuid(2),
                reader.GetString(3),
                (Severity)reader.GetInt16(5),
                reader.GetString(6),
                reader.GetFieldValue<DateTimeOffset>(7),
                reader.IsDBNull(8) ? null : reader.GetString(8)),
            reader.GetString(4),
            reader.GetInt32(0),
            reader.GetInt16(10),
            reader.GetInt64(1),
            reader.GetFieldValue<DateTimeOffset>(9)),
        reader.GetInt32(11),
        reader.GetInt64(12));
}
