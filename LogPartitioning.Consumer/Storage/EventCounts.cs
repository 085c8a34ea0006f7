using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The table <c>log_counts</c>, as a batch uses it.</summary>
internal static class EventCounts
{
    /// <summary>Counts events that are stored in the same transaction.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, IReadOnlyList<PlacedRecord> records, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<(DateTime Minute, int Partition, short Level), long>();
        foreach (var (place, record) in records)
        {
            var minute = place.Timestamp.AddTicks(-(place.Timestamp.Ticks % TimeSpan.TicksPerMinute));
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (minute, place.Partition, (short)record.Event.Level), out _)++;
        }

        // In one order, so that a replay and the partition's own writer wait for each other instead of locking each other out.
        var rows = counts.OrderBy(count => count.Key).ToList();
        await using var command = new NpgsqlCommand("""
            INSERT INTO log_counts (minute, partition, level, events)
            SELECT * FROM unnest($1, $2, $3, $4)
            ON CONFLICT (minute, partition, level) DO UPDATE SET events = log_counts.events + excluded.events
            """, connection);
        command.AddArray(rows.Select(row => row.Key.Minute), NpgsqlDbType.TimestampTz);
        command.AddArray(rows.Select(row => row.Key.Partition), NpgsqlDbType.Integer);
        command.AddArray(rows.Select(row => row.Key.Level), NpgsqlDbType.Smallint);
        command.AddArray(rows.Select(row => row.Value), NpgsqlDbType.Bigint);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
