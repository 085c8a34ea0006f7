using LogPartitioning.Core.Events;
using Npgsql;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>Reads what there is at the store, and tells what of it is to go.</summary>
public sealed class RetentionPlanner(NpgsqlDataSource database, StoreOptions options, TimeProvider time)
{
    /// <summary>Ids that name no day are counted up to this number.</summary>
    public const int MostCountedIds = 1_000_000;

    /// <summary>What an event takes where there is none yet to tell.</summary>
    private const long UsualBytes = 400;

    private const long IdBytes = 76;

    // Sums over the counts of a year of days.
    private const int Timeout = 120;

    /// <summary>What would go now.</summary>
    public async Task<RetentionPlan> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var at = await NowAsync(connection, cancellationToken);
        var today = DateOnly.FromDateTime(at.UtcDateTime);
        var (eventsBefore, idsBefore) = (today.AddDays(-options.RetentionDays), today.AddDays(-options.IdWindowDays));
        var found = await FoundAsync(connection, cancellationToken);
        var counts = await CountsAsync(connection, null, DateOnly.MinValue, eventsBefore, cancellationToken);
        // Days whose events lie in a partition of their own. One that has ids or counts alone has its events, if any, beside the days.
        var known = found.Where(day => day.HasEvents).Select(day => day.Day.Day).ToHashSet();
        var days = found.Select(day => day.Day)
            .Select(day => !known.Contains(day.Day) ? day with { Events = 0 } : counts.TryGetValue(day.Day, out var exact) ? day with { Events = exact } : day).ToList();
        var perEvent = days.Sum(day => day.Events) is > 0 and var events ? days.Sum(day => day.EventBytes) / events : UsualBytes;

        List<RetentionItem> items = [.. from day in days where day.Day < eventsBefore && day.EventBytes > 0 select new RetentionItem(RetentionKind.Day, day.Day, null, eventsBefore, day.Events, day.EventBytes)];
        AddOther(null, eventsBefore, counts);
        foreach (var (level, kept) in options.ShorterLevels())
        {
            var before = today.AddDays(-kept);
            var ofLevel = await CountsAsync(connection, level, eventsBefore, before, cancellationToken);
            items.AddRange(from day in days where known.Contains(day.Day) && ofLevel.ContainsKey(day.Day) select new RetentionItem(RetentionKind.Events, day.Day, level, day.Day.AddDays(1), ofLevel[day.Day], ofLevel[day.Day] * perEvent));
            AddOther(level, before, ofLevel);
        }

        var goneIds = await DaysWithoutIdsSinceAsync(connection, [.. days.Where(day => day.IdBytes > 0 && day.Day < idsBefore).Select(day => day.Day)], idsBefore, cancellationToken);
        items.AddRange(from day in days where goneIds.Contains(day.Day) select new RetentionItem(RetentionKind.IdsOfDay, day.Day, null, idsBefore, day.Ids, day.IdBytes));
        if (await IdsWithoutDayAsync(connection, [.. days.Where(day => day.IdBytes > 0).Select(day => day.Day)], idsBefore, cancellationToken) is > 0 and var ids)
        {
            items.Add(new(RetentionKind.Ids, null, null, idsBefore, ids, ids * IdBytes));
        }

        return new(at, eventsBefore, idsBefore, days, items);

        void AddOther(Severity? level, DateOnly before, Dictionary<DateOnly, long> ofDays)
        {
            if (ofDays.Where(day => !known.Contains(day.Key)).Sum(day => day.Value) is > 0 and var rows)
            {
                items.Add(new(RetentionKind.Events, null, level, before, rows, rows * perEvent));
            }
        }
    }

    /// <summary>The earlier one of two clocks: one that is ahead must not drop what the other would keep.</summary>
    private async Task<DateTimeOffset> NowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT now()", connection);
        var (theirs, ours) = (new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!), time.GetUtcNow());
        return theirs < ours ? theirs : ours;
    }

    private static async Task<List<(LogDay Day, bool HasEvents)>> FoundAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The server's own estimates, and a sum or a count where it has none yet.
        await using var command = new NpgsqlCommand(
            """
            WITH found AS (
              SELECT to_date(right(child.relname, 8), 'YYYYMMDD') AS day,
                sum(pg_total_relation_size(child.oid)) FILTER (WHERE inhparent <> 'log_event_ids'::regclass) AS event_bytes,
                sum(pg_total_relation_size(child.oid)) FILTER (WHERE inhparent = 'log_event_ids'::regclass) AS id_bytes,
                max(child.reltuples) FILTER (WHERE inhparent = 'log_events'::regclass) AS events,
                max(child.reltuples) FILTER (WHERE inhparent = 'log_event_ids'::regclass) AS ids
              FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid JOIN pg_class AS store ON store.oid = inhparent
              WHERE inhparent IN ('log_events'::regclass, 'log_event_ids'::regclass, 'log_counts'::regclass) AND NOT inhdetachpending
                AND child.relname ~ ('^' || store.relname || '_[0-9]{8}$')
              GROUP BY 1)
            SELECT day,
              CASE WHEN events > 0 THEN events::bigint ELSE (
                SELECT coalesce(sum(c.events), 0) FROM log_counts AS c
                WHERE c.minute >= day::timestamp AT TIME ZONE 'UTC' AND c.minute < (day + 1)::timestamp AT TIME ZONE 'UTC')::bigint END,
              coalesce(event_bytes, 0)::bigint,
              CASE WHEN ids > 0 THEN ids::bigint WHEN ids IS NULL THEN 0 ELSE (SELECT count(*) FROM log_event_ids AS i WHERE i.day = found.day) END,
              coalesce(id_bytes, 0)::bigint,
              events IS NOT NULL
            FROM found ORDER BY day
            """,
            connection)
        { CommandTimeout = Timeout };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var days = new List<(LogDay, bool)>();
        while (await reader.ReadAsync(cancellationToken))
        {
            days.Add((new(reader.GetFieldValue<DateOnly>(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4)), reader.GetBoolean(5)));
        }

        return days;
    }

    /// <summary>How many events there are of each day from one to before another.</summary>
    private static async Task<Dictionary<DateOnly, long>> CountsAsync(
        NpgsqlConnection connection, Severity? level, DateOnly from, DateOnly before, CancellationToken cancellationToken)
    {
        // The first minute of the year 1 may stand there as -infinity: it is of the same day as the minutes after it.
        await using var command = new NpgsqlCommand(
            """
            SELECT (greatest(minute, '0001-01-01 00:00:00+00') AT TIME ZONE 'UTC')::date, sum(events)::bigint FROM log_counts
            WHERE minute >= $1 AND minute < $2 AND (level = $3 OR $3 IS NULL) GROUP BY 1 HAVING sum(events) > 0
            """,
            connection)
        { CommandTimeout = Timeout };
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Midnight(from) });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Midnight(before) });
        command.Parameters.Add(new() { Value = (object?)(short?)level ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Smallint });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new Dictionary<DateOnly, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(reader.GetFieldValue<DateOnly>(0), reader.GetInt64(1));
        }

        return counts;
    }

    private static async Task<HashSet<DateOnly>> DaysWithoutIdsSinceAsync(NpgsqlConnection connection, DateOnly[] days, DateOnly since, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "SELECT asked FROM unnest($1) AS asked WHERE NOT EXISTS (SELECT FROM log_event_ids AS i WHERE i.day = asked AND i.stored_on >= $2)", connection)
        { CommandTimeout = Timeout };
        command.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = days });
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = since });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var without = new HashSet<DateOnly>();
        while (await reader.ReadAsync(cancellationToken))
        {
            without.Add(reader.GetFieldValue<DateOnly>(0));
        }

        return without;
    }

    private static async Task<long> IdsWithoutDayAsync(NpgsqlConnection connection, DateOnly[] days, DateOnly before, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT count(*) FROM (SELECT FROM log_event_ids WHERE stored_on < $1 AND day <> ALL ($2) LIMIT $3) AS ids", connection) { CommandTimeout = Timeout };
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = before });
        command.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = days });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = MostCountedIds });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    internal static DateTime Midnight(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}
