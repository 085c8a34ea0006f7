using LogPartitioning.Core.Storage;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Consumer.Storage;

/// <summary>The table <c>log_counts</c>, as a batch uses it.</summary>
internal static class EventCounts
{
    private static readonly long s_epoch = DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMinute;

    /// <summary>Counts events that are stored in the same transaction.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, IReadOnlyList<PlacedRecord> records, CancellationToken cancellationToken)
    {
        // Minutes since 1970: to the client library the first minute of the year 1 would be -infinity.
        var counts = new Dictionary<(long Minute, int Partition, short Level), long>();
        foreach (var (record, partition, _) in records)
        {
            var minute = (record.Timestamp.Ticks / TimeSpan.TicksPerMinute) - s_epoch;
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, (minute, partition, (short)record.Level), out _)++;
        }

        // In one order, so that a replay and the partition's own writer wait for each other instead of locking each other out.
        var rows = counts.OrderBy(count => count.Key).ToList();
        await using var command = new NpgsqlCommand("""
            INSERT INTO log_counts (minute, partition, level, events)
            SELECT to_timestamp(minute * 60), partition, level, events FROM unnest($1, $2, $3, $4) AS counted (minute, partition, level, events)
            ON CONFLICT (minute, partition, level) DO UPDATE SET events = log_counts.events + excluded.events
            """, connection);
        command.AddArray(rows.Select(row => row.Key.Minute), NpgsqlDbType.Bigint);
        command.AddArray(rows.Select(row => row.Key.Partition), NpgsqlDbType.Integer);
        command.AddArray(rows.Select(row => row.Key.Level), NpgsqlDbType.Smallint);
        command.AddArray(rows.Select(row => row.Value), NpgsqlDbType.Bigint);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
