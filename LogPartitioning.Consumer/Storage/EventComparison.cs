using System.Globalization;
using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>Whether an event whose id is stored is the stored one sent again, or another one.</summary>
internal static class EventComparison
{
    /// <summary>
    /// What is no retry. By the database, to which <c>1.0</c> and <c>1</c> are one number and the order of attributes says nothing. An event whose
    /// first has left the store cannot be compared, and counts as sent again.
    /// </summary>
    /// <param name="connection">The connection of the batch, whose own events are compared, too.</param>
    /// <param name="records">The events, each with the place of the stored one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<List<IdConflict>> ConflictsAsync(
        NpgsqlConnection connection, IReadOnlyList<(PlacedRecord Sent, EventPlace Stored)> records, CancellationToken cancellationToken)
    {
        var conflicts = new List<IdConflict>();
        foreach (var day in records.GroupBy(r => DateOnly.FromDateTime(r.Stored.Timestamp)))
        {
            conflicts.AddRange(await OfDayAsync(connection, [.. day], cancellationToken));
        }

        return conflicts;
    }

    private static async Task<List<IdConflict>> OfDayAsync(
        NpgsqlConnection connection, List<(PlacedRecord Sent, EventPlace Stored)> records, CancellationToken cancellationToken)
    {
        var events = records.ConvertAll(r => r.Sent.Record.ToEvent());
        // LIMIT keeps it at one step down the index for each event, whatever the statistics say. The bounds keep it at one partition: without
        // them it would lock every day that there is, and the server has room for so many locks.
        await using var compare = new NpgsqlCommand("""
            SELECT s.n, e.source <> s.source,
                   (e.level, e.message, e.attributes) IS DISTINCT FROM (s.level, s.message, s.attributes::jsonb)
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY AS s (timestamp, partition, log, "offset", source, level, message, attributes, sent_at, n)
            CROSS JOIN LATERAL (
              SELECT * FROM log_events e
              WHERE e.timestamp = s.timestamp AND e.partition = s.partition AND e.log = s.log AND e."offset" = s."offset"
                AND e.timestamp BETWEEN $10 AND $11 LIMIT 1) AS e
            WHERE (e.source, e.level, e.message, e.attributes, e.timestamp) IS DISTINCT FROM (s.source, s.level, s.message, s.attributes::jsonb, s.sent_at)
            ORDER BY s.n
            """, connection);
        compare.AddArray(records.Select(r => r.Stored.Timestamp), NpgsqlDbType.TimestampTz);
        compare.AddArray(records.Select(r => r.Stored.Partition), NpgsqlDbType.Integer);
        compare.AddArray(records.Select(r => r.Stored.Log), NpgsqlDbType.Smallint);
        compare.AddArray(records.Select(r => r.Stored.Offset), NpgsqlDbType.Bigint);
        compare.AddArray(events.Select(e => e.Source), NpgsqlDbType.Text);
        compare.AddArray(events.Select(e => (short)e.Level), NpgsqlDbType.Smallint);
        compare.AddArray(events.Select(e => e.Message), NpgsqlDbType.Text);
        compare.AddArray(events.Select(e => e.Attributes), NpgsqlDbType.Text);
        compare.AddArray(records.Select(r => r.Sent.Place.Timestamp), NpgsqlDbType.TimestampTz);
        compare.Parameters.Add(new() { Value = records.Min(r => r.Stored.Timestamp), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        compare.Parameters.Add(new() { Value = records.Max(r => r.Stored.Timestamp), NpgsqlDbType = NpgsqlDbType.TimestampTz });

        var conflicts = new List<IdConflict>();
        await using var reader = await compare.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (sent, stored) = records[(int)reader.GetInt64(0) - 1];
            var (otherSource, otherContent) = (reader.GetBoolean(1), reader.GetBoolean(2));
            if (otherSource || otherContent || sent.Record.HasSentTimestamp)
            {
                var what = otherSource ? "of another source" : otherContent ? "with other content" : "with another timestamp";
                conflicts.Add(new(sent.Place.Partition, sent.Place.Offset, string.Create(
                    CultureInfo.InvariantCulture, $"an event {what} is stored with the id {sent.Record.Id}, at partition {stored.Partition}, offset {stored.Offset}")));
            }
        }

        return conflicts;
    }
}
