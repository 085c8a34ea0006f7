using LogPartitioning.LoadTest.Ledgers;
using Npgsql;

namespace LogPartitioning.Tests.Faults;

/// <summary>A stored row, as far as it matters where it stands.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Partition">The partition of its record.</param>
/// <param name="Offset">The offset of its record.</param>
/// <param name="StoredAt">When the transaction began that stored it: the same for all rows of a batch.</param>
internal sealed record StoredRow(Guid Id, int Partition, long Offset, DateTimeOffset StoredAt)
{
    /// <summary>The rows of the sources that start with <paramref name="prefix"/>.</summary>
    public static async Task<IReadOnlyList<StoredRow>> ReadAsync(NpgsqlDataSource logs, string prefix, CancellationToken cancellationToken)
    {
        await using var command = logs.CreateCommand("""SELECT id, partition, "offset", stored_at FROM log_events WHERE starts_with(source, $1)""");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = prefix });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<StoredRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new StoredRow(reader.GetGuid(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return rows;
    }
}

/// <summary>
/// What is wrong with a log, by the names of Jepsen's tests of Kafka. Known are the acknowledgements and the stored rows, and nothing else: this
/// checks the audit too.
/// </summary>
/// <param name="LostWrites">Acknowledged and not stored, though a later event of its partition is: it was passed over.</param>
/// <param name="Duplicates">Stored more than once.</param>
/// <param name="InconsistentOffsets">Two events at one place of the log: both acknowledged there, or one acknowledged and another stored.</param>
/// <param name="PollSkips">Lost writes that a single batch passed over: it stored an event before and one behind (<c>int-poll-skip</c>).</param>
/// <param name="Unseen">Acknowledged and not stored, and nothing later of its partition is: nobody came so far.</param>
internal sealed record Anomalies(long LostWrites, long Duplicates, long InconsistentOffsets, long PollSkips, long Unseen)
{
    /// <summary>Nothing is wrong.</summary>
    public bool None => this == new Anomalies(0, 0, 0, 0, 0);

    /// <summary>Holds what is stored against what was acknowledged.</summary>
    public static Anomalies Of(IReadOnlyList<LedgerEntry> acknowledged, IReadOnlyList<StoredRow> stored)
    {
        var ids = stored.Select(row => row.Id).ToHashSet();
        var last = stored.GroupBy(row => row.Partition).ToDictionary(rows => rows.Key, rows => rows.Max(row => row.Offset));
        var missing = acknowledged.Where(entry => !ids.Contains(entry.Id)).ToList();
        var lost = missing.Where(entry => last.TryGetValue(entry.Partition, out var end) && end > entry.Offset).ToList();
        var batches = stored
            .GroupBy(row => (row.Partition, row.StoredAt))
            .Select(rows => (rows.Key.Partition, From: rows.Min(row => row.Offset), To: rows.Max(row => row.Offset)))
            .ToLookup(batch => batch.Partition);
        // An acknowledgement without an offset says only that the event is there.
        var places = acknowledged.Where(entry => entry.Offset >= 0).ToLookup(entry => (entry.Partition, entry.Offset), entry => entry.Id);
        return new Anomalies(
            lost.Count,
            stored.Count - ids.Count,
            places.Count(place => place.Distinct().Count() > 1) + stored.Count(row => places[(row.Partition, row.Offset)].Any(id => id != row.Id)),
            lost.Count(entry => batches[entry.Partition].Any(batch => batch.From < entry.Offset && entry.Offset < batch.To)),
            missing.Count - lost.Count);
    }
}
