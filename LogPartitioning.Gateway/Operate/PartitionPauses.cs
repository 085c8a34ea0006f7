using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Operate;

/// <summary>
/// Pauses partitions and has them read again. A pause is a halt with the cause <see cref="HaltCause.Paused"/>, put on record in the
/// statement that raises the epoch: from then on the owner stores nothing, and whoever claims the partition is told.
/// </summary>
internal sealed class PartitionPauses(
    NpgsqlDataSource database, IAdminClient admin, TopicBoundsReader bounds, IOptions<KafkaOptions> kafka, BrokerCapabilities brokers)
{
    private static readonly TimeSpan TopicTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Pauses partitions. One that is paused stays so, with the reason that it has.</summary>
    /// <param name="partitions">Which; null for all that are not halted.</param>
    /// <param name="note">Who wants it, and why.</param>
    /// <param name="cancellationToken">Gives up waiting; what is paused by then stays so.</param>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="KafkaException">The brokers do not answer or refuse.</exception>
    public async Task<PauseOutcome> PauseAsync(IReadOnlyList<int>? partitions, PauseNote note, CancellationToken cancellationToken)
    {
        var topicId = await TopicId.ReadAsync(admin, kafka.Value.Topic, brokers, TopicTimeout, cancellationToken);
        var there = (await bounds.ReadAsync(kafka.Value.Topic, cancellationToken)).Keys;
        var asked = partitions ?? [.. there.Order()];
        if (asked.Except(there).ToList() is { Count: > 0 } unknown)
        {
            return new PauseOutcome.Unknown(unknown);
        }

        var before = await StoredPositions.ReadAsync(database, kafka.Value.Group, kafka.Value.Topic, cancellationToken);
        var halted = before.Where(p => asked.Contains(p.Key) && p.Value.Halt is { IsPause: false }).ToDictionary(p => p.Key, p => p.Value.Halt!);
        if (halted.Count > 0 && (partitions is not null || halted.Count == asked.Count))
        {
            return new PauseOutcome.Halted(halted);
        }

        var paused = new List<int>();
        foreach (var partition in asked.Except(halted.Keys))
        {
            // Each by itself: the rows are being written, and to wait for one while another is held may lock a writer out.
            if (await PauseAsync(partition, topicId, note, cancellationToken))
            {
                paused.Add(partition);
            }
        }

        return new PauseOutcome.Paused(paused);
    }

    /// <summary>Ends the pause of partitions, which are read again at their positions.</summary>
    /// <param name="partitions">Which; null for all that are paused.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Those that were paused.</returns>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public async Task<IReadOnlyList<int>> ResumeAsync(IReadOnlyList<int>? partitions, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            WITH paused AS (
              SELECT partition FROM consumer_offsets
              WHERE group_id = $1 AND topic = $2 AND halted = $3 AND ($4 IS NULL OR partition = ANY($4))
              ORDER BY partition FOR UPDATE)
            UPDATE consumer_offsets AS o
            SET halted = NULL, halted_detail = NULL, halted_at = NULL, epoch = o.epoch + 1, updated_at = now()
            FROM paused
            WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = paused.partition
            RETURNING o.partition
            """);
        AddNames(command);
        command.Parameters.Add(new() { Value = HaltCause.Paused });
        command.Parameters.Add(new() { Value = (object?)partitions?.ToArray() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        var resumed = new List<int>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            resumed.Add(reader.GetInt32(0));
        }

        resumed.Sort();
        return resumed;
    }

    /// <summary>A partition that nobody ever claimed gets the row that a first claim would make, with the same position.</summary>
    private async Task<bool> PauseAsync(int partition, string? topicId, PauseNote note, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            INSERT INTO consumer_offsets AS o (group_id, topic, partition, next_offset, owner, epoch, topic_id, halted, halted_detail, halted_at)
            VALUES ($1, $2, $3, 0, '', 1, $4, $5, $6, now())
            ON CONFLICT (group_id, topic, partition) DO UPDATE SET
              epoch = o.epoch + CASE WHEN o.halted IS NULL THEN 1 ELSE 0 END,
              halted = excluded.halted,
              halted_detail = coalesce(o.halted_detail, excluded.halted_detail),
              halted_at = coalesce(o.halted_at, excluded.halted_at),
              updated_at = now()
            WHERE o.halted IS NULL OR o.halted = excluded.halted
            """);
        AddNames(command);
        command.Parameters.Add(new() { Value = partition });
        command.Parameters.Add(new() { Value = (object?)topicId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = HaltCause.Paused });
        command.Parameters.Add(new() { Value = note.ToStored() });
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private void AddNames(NpgsqlCommand command)
    {
        command.Parameters.Add(new() { Value = kafka.Value.Group });
        command.Parameters.Add(new() { Value = kafka.Value.Topic });
    }
}

/// <summary>What became of a request to pause.</summary>
internal abstract record PauseOutcome
{
    private PauseOutcome()
    {
    }

    /// <summary>These are paused now.</summary>
    public sealed record Paused(IReadOnlyList<int> Partitions) : PauseOutcome;

    /// <summary>None was: these are halted for another cause.</summary>
    public sealed record Halted(IReadOnlyDictionary<int, PartitionHalt> Partitions) : PauseOutcome;

    /// <summary>None was: the topic has no such partitions.</summary>
    public sealed record Unknown(IReadOnlyList<int> Partitions) : PauseOutcome;
}
