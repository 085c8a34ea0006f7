using Npgsql;

namespace LogPartitioning.Tests.Faults;

/// <summary>A time in which a partition stored nothing.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">When the batch before it was stored.</param>
/// <param name="To">When the batch after it was stored.</param>
internal sealed record StoredPause(int Partition, DateTimeOffset From, DateTimeOffset To)
{
    public TimeSpan Length => To - From;
}

/// <summary>Finds the pauses of a run in what it stored. The load is steady and reaches each partition many times a second.</summary>
internal static class StoredPauses
{
    /// <summary>Shorter gaps between two batches are the load's own rhythm on a busy machine, not a pause.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1.5);

    /// <summary>Pauses of at least <see cref="Shortest"/> in the partitions of the sources that start with <paramref name="prefix"/>.</summary>
    public static async Task<IReadOnlyList<StoredPause>> ReadAsync(NpgsqlDataSource logs, string prefix, CancellationToken cancellationToken)
    {
        await using var command = logs.CreateCommand(
            """
            SELECT partition, before, stored_at FROM (
              SELECT partition, stored_at, lag(stored_at) OVER (PARTITION BY partition ORDER BY "offset") AS before
              FROM log_events WHERE starts_with(source, $1)
            ) AS steps WHERE stored_at - before >= $2 ORDER BY before
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = prefix });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Shortest });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var pauses = new List<StoredPause>();
        while (await reader.ReadAsync(cancellationToken))
        {
            pauses.Add(new StoredPause(
                reader.GetInt32(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }

        return pauses;
    }
}
