using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>What went into <c>log_events</c>.</summary>
/// <param name="Stored">Events stored, of each partition. All others are stored already, but for the conflicts.</param>
internal sealed record InsertOutcome(IReadOnlyDictionary<int, int> Stored)
{
    /// <summary>Events whose id is that of a stored one from which they differ.</summary>
    public IReadOnlyList<IdConflict> Conflicts { get; init; } = [];
}

/// <summary>A record with the partition's log that it is of. So small that a batch of them is no large object, which only a collection of the whole heap ends.</summary>
internal readonly record struct PlacedRecord(LogRecord Record, int Partition, short Log)
{
    /// <summary>Its place in the store.</summary>
    public EventPlace Place => new(Record.Timestamp, Partition, Log, Record.Offset);
}

/// <summary>
/// Puts events into the store: those whose id is not there, by COPY, with their ids and their counts. An id that is there costs a comparison
/// of that event alone.
/// </summary>
internal static class EventInsert
{
    /// <summary>Inserts within the connection's transaction.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="batches">The events.</param>
    /// <param name="isHistory">Whether events may be stored whose ids are known no more. Looking for them costs.</param>
    /// <param name="lookFor">Which ids are looked for; null for all of them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PostgresException">
    /// Among others, when an id is there that was not looked for, or that another transaction stored meanwhile (<see cref="StoredEventIds.IsTaken"/>),
    /// and when a place is another event's, or is the event's own and this was not said to be history (<see cref="StoredEventPlaces.IsTaken"/>).
    /// </exception>
    public static async Task<InsertOutcome> RunAsync(
        NpgsqlConnection connection, IReadOnlyList<PartitionBatch> batches, bool isHistory, IReadOnlyList<Guid>? lookFor, CancellationToken cancellationToken)
    {
        var records = Place(batches);
        var places = await StoredEventIds.FindAsync(connection, lookFor ?? [.. records.Select(placed => placed.Record.Id)], cancellationToken);
        var byId = RowOrder.ById(records);
        var (fresh, own, again) = Sort(records, places, RowOrder.Repeats(records, byId));
        if (isHistory && fresh.Count > 0)
        {
            var there = await StoredEventPlaces.FindAsync(connection, fresh, cancellationToken);
            fresh.RemoveAll(placed => there.Contains(placed.Place));
        }

        var rows = fresh;
        if (own.Count > 0)
        {
            // History that is read again. What was deleted of it comes back; its id is there.
            var there = await StoredEventPlaces.FindAsync(connection, own, cancellationToken);
            rows = [.. fresh, .. own.Where(placed => !there.Contains(placed.Place))];
        }

        if (fresh.Count > 0)
        {
            // Nearly always all are fresh, and in order already.
            await StoredEventIds.AddAsync(connection, fresh, fresh.Count == byId.Length ? byId : RowOrder.ById(fresh), cancellationToken);
        }

        if (rows.Count > 0)
        {
            await CopyAsync(connection, rows, cancellationToken);
            await EventCounts.AddAsync(connection, rows, cancellationToken);
        }

        var stored = batches.ToDictionary(b => b.Partition, _ => 0);
        foreach (var placed in rows)
        {
            stored[placed.Partition]++;
        }

        return new(stored) { Conflicts = await EventComparison.ConflictsAsync(connection, again, cancellationToken) };
    }

    /// <summary>All events, in offset order, so that of two with one id the first is kept.</summary>
    private static List<PlacedRecord> Place(IReadOnlyList<PartitionBatch> batches)
    {
        var records = new List<PlacedRecord>(batches.Sum(b => b.Records.Count));
        foreach (var batch in batches)
        {
            foreach (var record in batch.Records)
            {
                records.Add(new(record, batch.Partition, batch.Log));
            }
        }

        return records;
    }

    /// <summary>Tells apart events whose id is not there, those that are the very record that is there, and those that come again.</summary>
    private static (List<PlacedRecord> Fresh, List<PlacedRecord> Own, List<(PlacedRecord Sent, EventPlace Stored)> Again) Sort(
        List<PlacedRecord> records, Dictionary<Guid, EventPlace> places, Dictionary<int, int>? repeats)
    {
        if (places.Count == 0 && repeats is null)
        {
            return (records, [], []);
        }

        var (fresh, own, again) = (new List<PlacedRecord>(records.Count), new List<PlacedRecord>(), new List<(PlacedRecord, EventPlace)>());
        for (var i = 0; i < records.Count; i++)
        {
            var placed = records[i];
            if (places.TryGetValue(placed.Record.Id, out var place))
            {
                if (place.IsSameRecord(placed.Place))
                {
                    own.Add(placed);
                }
                else
                {
                    again.Add((placed, place));
                }
            }
            else if (repeats?.TryGetValue(i, out var first) == true)
            {
                again.Add((placed, records[first].Place));
            }
            else
            {
                fresh.Add(placed);
            }
        }

        return (fresh, own, again);
    }

    private static Task CopyAsync(NpgsqlConnection connection, List<PlacedRecord> records, CancellationToken cancellationToken) => RowCopy.RunAsync(
        connection,
        """COPY log_events (id, timestamp, "offset", partition, log, level, source, key, message, attributes) FROM STDIN (FORMAT BINARY)""",
        records,
        RowOrder.ByTimestamp(records),
        columns: 10,
        static (buffer, in placed) =>
        {
            var record = placed.Record;
            buffer.Add(record.Id);
            buffer.Add(record.Timestamp);
            buffer.Add(record.Offset);
            buffer.Add(placed.Partition);
            buffer.Add(placed.Log);
            buffer.Add((short)record.Level);
            buffer.Add(record.Source);
            buffer.Add(record.Key);
            buffer.AddText(record.Message.Span);
            if (record.Attributes.IsEmpty)
            {
                buffer.AddNull();
            }
            else
            {
                buffer.AddJson(record.Attributes.Span);
            }
        },
        cancellationToken);
}
