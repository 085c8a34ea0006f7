using System.Text.Json.Serialization;
using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>Where a group stands in one partition, by its row in <c>consumer_offsets</c>: the truth about what is stored.</summary>
/// <param name="NextOffset">The offset of the next record to store.</param>
/// <param name="TopicId">The brokers' id of the topic that the offset is of; null where it is not known.</param>
/// <param name="Log">Which of the partition's logs the offset is of, from 1.</param>
/// <param name="Owner">Who claimed the partition last, <c>instance/worker</c>.</param>
/// <param name="Halt">Why nothing is read; null while it is.</param>
/// <param name="Lost">Records that the brokers had deleted before they were stored, over all of the partition's logs.</param>
public sealed record StoredPosition(long NextOffset, string? TopicId, short Log, string Owner, PartitionHalt? Halt, long Lost);

/// <summary>Why a partition is not read until an operator decides.</summary>
/// <param name="Cause">One of <see cref="HaltCause"/>.</param>
/// <param name="Detail">What was found, in words.</param>
/// <param name="At">Since when; null where it was found just now.</param>
public sealed record PartitionHalt(string Cause, string Detail, DateTimeOffset? At = null)
{
    /// <summary>Who paused it and why; null where nobody did.</summary>
    [JsonIgnore]
    public PauseNote? Pause { get; init; }

    /// <summary>Whether an operator wishes it so: nothing is wrong.</summary>
    [JsonIgnore]
    public bool IsPause => Cause == HaltCause.Paused;

    /// <summary>The halt that is on record.</summary>
    public static PartitionHalt FromRecord(string cause, string detail, DateTimeOffset? at)
    {
        if (cause != HaltCause.Paused)
        {
            return new(cause, detail, at);
        }

        var note = PauseNote.Parse(detail);
        return new(cause, note.InWords(at), at) { Pause = note };
    }

    /// <summary>The position is of another topic than the brokers have now.</summary>
    public static PartitionHalt Replaced(string known, string present) =>
        new(HaltCause.LogReplaced, $"the position is of topic id {known}, and the brokers have {present}: the topic was created again");
}

/// <summary>Causes of a halt.</summary>
public static class HaltCause
{
    /// <summary>The topic was deleted and created again: the position is of another log.</summary>
    public const string LogReplaced = "log_replaced";

    /// <summary>The log ends before the position: what was there is gone, or it is another log.</summary>
    public const string LogTruncated = "log_truncated";

    /// <summary>Too many of the records cannot be processed.</summary>
    public const string TooManyRefused = "too_many_refused";

    /// <summary>An operator has paused it.</summary>
    public const string Paused = "paused";

    /// <summary>All causes.</summary>
    public static IReadOnlyList<string> All { get; } = [LogReplaced, LogTruncated, TooManyRefused, Paused];
}

/// <summary>Where a group stands, by the table <c>consumer_offsets</c>.</summary>
public static class StoredPositions
{
    /// <summary>Reads the position of every partition that was ever claimed.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public static Task<IReadOnlyDictionary<int, StoredPosition>> ReadAsync(
        NpgsqlDataSource database, string group, string topic, CancellationToken cancellationToken) =>
        database.ReadAsync(token => ReadOnceAsync(database, group, topic, token), cancellationToken);

    private static async Task<IReadOnlyDictionary<int, StoredPosition>> ReadOnceAsync(
        NpgsqlDataSource database, string group, string topic, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT o.partition, next_offset, topic_id, o.log, owner, halted, halted_detail, halted_at, coalesce(lost, 0)
            FROM consumer_offsets o
            LEFT JOIN (
              SELECT partition, sum(to_offset - from_offset)::bigint AS lost FROM log_gaps
              WHERE group_id = $1 AND topic = $2 AND cause = 'deleted' GROUP BY partition) AS gaps ON gaps.partition = o.partition
            WHERE group_id = $1 AND topic = $2
            """);
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var positions = new Dictionary<int, StoredPosition>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var halt = reader.IsDBNull(5) ? null : PartitionHalt.FromRecord(
                reader.GetString(5),
                reader.IsDBNull(6) ? "" : reader.GetString(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7));
            positions.Add(reader.GetInt32(0), new(
                reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetInt16(3), reader.GetString(4), halt, reader.GetInt64(8)));
        }
        return positions;
    }
}
