using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Delivery;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Producer.Identity;

/// <summary>
/// The ids of the events that are stored. Events are taken without it, too: where the database does not answer at once, nothing is known,
/// and for a while it is not asked again.
/// </summary>
internal sealed partial class StoredIds(NpgsqlDataSource database, TimeProvider time, ILogger<StoredIds> log) : IDisposable
{
    private const int MaxConnections = 4;
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _connections = new(MaxConnections, MaxConnections);
    private long _asksFrom;

    /// <summary>What is known of the ids of these events; nothing of those that are not stored.</summary>
    public async Task<IReadOnlyDictionary<Guid, IdUse>> FindAsync(IReadOnlyList<RequestEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0 || time.GetTimestamp() < Volatile.Read(ref _asksFrom))
        {
            return new Dictionary<Guid, IdUse>();
        }

        using var patience = new CancellationTokenSource(s_patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _connections.WaitAsync(ending.Token);
            try
            {
                return await ReadAsync(events, ending.Token);
            }
            finally
            {
                _connections.Release();
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is NpgsqlException or TimeoutException or OperationCanceledException or IOException or System.Net.Sockets.SocketException)
        {
            Volatile.Write(ref _asksFrom, time.GetTimestamp() + (long)(s_rest.TotalSeconds * time.TimestampFrequency));
            LogNotAsked(e.Message);
            return new Dictionary<Guid, IdUse>();
        }
    }

    public void Dispose() => _connections.Dispose();

    /// <summary>First the ids alone: nearly always none of them is stored, and the events need not be sent to be compared.</summary>
    private async Task<IReadOnlyDictionary<Guid, IdUse>> ReadAsync(IReadOnlyList<RequestEvent> events, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var stored = new Dictionary<Guid, DateTime>();
        await using (var find = new NpgsqlCommand("""
            SELECT p.id, i.timestamp FROM unnest($1, $2) AS p (id, day)
            CROSS JOIN LATERAL (SELECT timestamp FROM log_event_ids i WHERE i.day = p.day AND i.id = p.id LIMIT 1) AS i
            """, connection))
        {
            find.AddArray(events.Select(e => e.Id), NpgsqlDbType.Uuid);
            find.AddArray(events.Select(e => EventIdDay.Of(e.Id)), NpgsqlDbType.Date);
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                stored.TryAdd(reader.GetGuid(0), reader.GetDateTime(1));
            }
        }

        var uses = new Dictionary<Guid, IdUse>();
        foreach (var day in events.Where(e => stored.ContainsKey(e.Id)).GroupBy(e => DateOnly.FromDateTime(stored[e.Id])))
        {
            await CompareAsync(connection, [.. day], day.Min(e => stored[e.Id]), day.Max(e => stored[e.Id]), uses, cancellationToken);
        }

        return uses;
    }

    /// <summary>Compared by the database, as the consumer has it do: what is the same there is the same here. Of an event that has left the store nothing is known.</summary>
    private static async Task CompareAsync(
        NpgsqlConnection connection, IReadOnlyList<RequestEvent> events, DateTime first, DateTime last, Dictionary<Guid, IdUse> uses, CancellationToken cancellationToken)
    {
        var sent = events.Select(e => (e.HasOwnTimestamp, Event: Parse(e))).ToList();
        // The bounds keep it at one partition of the events: without them it would lock every day that there is.
        await using var compare = new NpgsqlCommand("""
            SELECT e.id, e.key, e.partition, e."offset", e.source <> s.source,
                   (e.level, e.message, e.attributes) IS DISTINCT FROM (s.level, s.message, s.attributes::jsonb)
                   OR (s.has_timestamp AND e.timestamp <> s.timestamp)
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS s (id, day, source, level, message, attributes, timestamp, has_timestamp)
            CROSS JOIN LATERAL (SELECT * FROM log_event_ids i WHERE i.day = s.day AND i.id = s.id LIMIT 1) AS i
            CROSS JOIN LATERAL (
              SELECT * FROM log_events e
              WHERE e.timestamp = i.timestamp AND e.partition = i.partition AND e.log = i.log AND e."offset" = i."offset"
                AND e.timestamp BETWEEN $9 AND $10 LIMIT 1) AS e
            """, connection);
        compare.AddArray(sent.Select(s => s.Event.Id), NpgsqlDbType.Uuid);
        compare.AddArray(sent.Select(s => EventIdDay.Of(s.Event.Id)), NpgsqlDbType.Date);
        compare.AddArray(sent.Select(s => s.Event.Source), NpgsqlDbType.Text);
        compare.AddArray(sent.Select(s => (short)s.Event.Level), NpgsqlDbType.Smallint);
        compare.AddArray(sent.Select(s => s.Event.Message), NpgsqlDbType.Text);
        compare.AddArray(sent.Select(s => s.Event.Attributes), NpgsqlDbType.Text);
        compare.AddArray(sent.Select(s => s.Event.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz);
        compare.AddArray(sent.Select(s => s.HasOwnTimestamp), NpgsqlDbType.Boolean);
        compare.Parameters.Add(new() { Value = first, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        compare.Parameters.Add(new() { Value = last, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        await using var reader = await compare.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            uses[reader.GetGuid(0)] =
                reader.GetBoolean(4) ? IdUse.Taken.ByOtherSource
                : reader.GetBoolean(5) ? IdUse.Taken.ByOtherContent
                : new IdUse.Acknowledged(reader.GetString(1), reader.GetInt32(2), reader.GetInt64(3));
        }
    }

    private static LogEvent Parse(RequestEvent e) =>
        LogEventJson.TryParseRecord(e.Value, out var logEvent, out var problem) ? logEvent : throw new InvalidOperationException($"A record that was made here cannot be read: {problem}.");

    [LoggerMessage(30, LogLevel.Debug, "Whether ids are stored is not known for now, and left to the consumers: {Reason}")]
    private partial void LogNotAsked(string reason);
}
