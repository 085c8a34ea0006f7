using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Replay;
using LogPartitioning.Gateway.Requests;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Operate;

/// <summary>Moves the positions of paused partitions, and shows before what that does.</summary>
/// <param name="database">Where the group stands.</param>
/// <param name="admin">Tells the topic's id.</param>
/// <param name="clients">Read what the brokers hold.</param>
/// <param name="brokers">Whether they can find an offset by time, and have ids for topics.</param>
/// <param name="log">The gateway's log.</param>
internal sealed partial class PositionMoves(
    NpgsqlDataSource database, IAdminClient admin, HistoryClients clients, BrokerCapabilities brokers, ILogger<PositionMoves> log)
{
    private static readonly TimeSpan TopicTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long the records at the new positions are waited for. They are shown, and no more.</summary>
    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How many offsets without a record, which compaction and transactions leave, are passed to find one.</summary>
    private const int LookAhead = 1000;

    /// <summary>What a move would do.</summary>
    /// <param name="partitions">Which; null for all.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="KafkaException">The brokers do not answer or refuse.</exception>
    /// <exception cref="BusyException">Too many read the brokers' records already.</exception>
    public async Task<MoveOutcome> PreviewAsync(IReadOnlyList<int>? partitions, MoveTarget target, CancellationToken cancellationToken)
    {
        var outcome = await PlanAsync(partitions, target, cancellationToken);
        if (outcome is not MoveOutcome.Planned planned)
        {
            return outcome;
        }

        var times = await FirstTimesAsync(planned.Plans, cancellationToken);
        return new MoveOutcome.Planned([.. planned.Plans.Select(plan => plan with { FirstAt = times.TryGetValue(plan.Partition, out var at) ? at : null })]);
    }

    /// <summary>Moves the positions, all of them or none.</summary>
    /// <param name="partitions">Which; null for all.</param>
    /// <param name="target">Where to.</param>
    /// <param name="expected">The positions that the preview showed.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="KafkaException">The brokers do not answer or refuse.</exception>
    public async Task<MoveOutcome> MoveAsync(
        IReadOnlyList<int>? partitions, MoveTarget target, IReadOnlyDictionary<int, long> expected, CancellationToken cancellationToken)
    {
        var outcome = await PlanAsync(partitions, target, cancellationToken);
        if (outcome is not MoveOutcome.Planned planned)
        {
            return outcome;
        }

        if (planned.Plans.Where(plan => !plan.Paused).Select(plan => plan.Partition).ToList() is { Count: > 0 } read)
        {
            return new MoveOutcome.Refused($"Pause first: partitions {string.Join(", ", read)} are not paused, so their positions do not stand still.");
        }

        if (planned.Plans.FirstOrDefault(plan => !expected.TryGetValue(plan.Partition, out var from) || from != plan.From) is { } other)
        {
            return new MoveOutcome.Refused(expected.TryGetValue(other.Partition, out var before)
                ? FormattableString.Invariant($"Nothing is moved: partition {other.Partition} stands at {other.From} and was expected at {before}. Preview the move again.")
                : FormattableString.Invariant($"Nothing is moved: \"expected\" does not name partition {other.Partition}. Preview the move of all partitions that are to be moved."));
        }

        var moving = planned.Plans.Where(plan => plan.Direction != MovePlan.None).ToList();
        if (moving.Count > 0 && await ApplyAsync(moving, cancellationToken) != moving.Count)
        {
            return new MoveOutcome.Refused("Nothing is moved: a partition was resumed or moved meanwhile. Preview the move again.");
        }

        LogMoved(string.Join(", ", moving.Select(plan => FormattableString.Invariant($"{plan.Partition} from {plan.From} to {plan.To}"))));
        return planned;
    }

    private async Task<MoveOutcome> PlanAsync(IReadOnlyList<int>? partitions, MoveTarget target, CancellationToken cancellationToken)
    {
        var (group, topic) = (clients.Topics.Group, clients.Topics.Topic);
        // The positions first: the brokers' ends only move on.
        var stored = await StoredPositions.ReadAsync(database, group, topic, cancellationToken);
        var topicId = await TopicId.ReadAsync(admin, topic, brokers, TopicTimeout, cancellationToken);
        var held = await clients.Bounds.ReadAsync(topic, cancellationToken);
        int[] asked = partitions is null ? [.. held.Keys.Order()] : [.. partitions];
        if (asked.Where(p => !held.ContainsKey(p)).ToList() is { Count: > 0 } unknown)
        {
            return new MoveOutcome.Unknown(unknown);
        }

        if (asked.Where(p => !stored.ContainsKey(p)).ToList() is { Count: > 0 } unread)
        {
            return new MoveOutcome.Refused($"Pause first: partitions {string.Join(", ", unread)} were never read, and have no position.");
        }

        if (asked.FirstOrDefault(p => stored[p].TopicId is { } known && topicId is not null && known != topicId, -1) is var replaced and >= 0)
        {
            return new MoveOutcome.Refused($"The position of partition {replaced} is of another topic: {topic} was created again. Resume it; it is halted then, and GET /api/consumer/halted tells what can be done.");
        }

        if (asked.FirstOrDefault(p => stored[p].NextOffset > held[p].High, -1) is var truncated and >= 0)
        {
            return new MoveOutcome.Refused($"The log of partition {truncated} ends before the position. Resume it; it is halted then, and GET /api/consumer/halted tells what can be done.");
        }

        var times = target is MoveTarget.Time time ? await OffsetsAtAsync(asked, time.Value, held, stored, cancellationToken) : null;
        return new MoveOutcome.Planned([.. asked.Select(p => MovePlan.Of(p, stored[p].NextOffset, held[p], target, times?[p], stored[p].Halt is { IsPause: true }))]);
    }

    private async Task<IReadOnlyDictionary<int, long>> OffsetsAtAsync(
        int[] partitions,
        DateTimeOffset time,
        IReadOnlyDictionary<int, PartitionBounds> held,
        IReadOnlyDictionary<int, StoredPosition> stored,
        CancellationToken cancellationToken) =>
        brokers.SupportsTimestamps
            ? await clients.Bounds.OffsetsAtAsync(clients.Topics.Topic, partitions, time, cancellationToken)
            : await ReplayPlanner.StartsFromStoreAsync(database, partitions, time, held, stored.ToDictionary(p => p.Key, p => p.Value.Log), cancellationToken);

    /// <summary>
    /// All in one statement, so that a position is never moved without what it passes being on record. A row that is not paused, or stands elsewhere
    /// than it was seen, keeps every row from being moved. Records that are to be read again are no longer passed: their gaps are taken back.
    /// </summary>
    private async Task<int> ApplyAsync(List<MovePlan> moving, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            WITH asked AS (
              SELECT * FROM unnest($4, $5, $6, $7) AS a (partition, from_offset, target, low)),
            ready AS (
              SELECT o.partition, o.log, asked.from_offset, asked.target, asked.low
              FROM consumer_offsets AS o JOIN asked ON asked.partition = o.partition
              WHERE o.group_id = $1 AND o.topic = $2 AND o.halted = $3 AND o.next_offset = asked.from_offset
              ORDER BY o.partition FOR UPDATE OF o),
            moved AS (
              UPDATE consumer_offsets AS o
              SET next_offset = ready.target, epoch = o.epoch + 1, last_offset = NULL, last_id = NULL, updated_at = now()
              FROM ready
              WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = ready.partition
                AND (SELECT count(*) FROM ready) = (SELECT count(*) FROM asked)
              RETURNING o.partition, o.log, ready.from_offset, ready.target, ready.low),
            passed AS (
              INSERT INTO log_gaps AS g (group_id, topic, partition, log, from_offset, to_offset, cause)
              SELECT $1, $2, moved.partition, moved.log, gap.from_offset, gap.to_offset, gap.cause
              FROM moved, LATERAL (VALUES
                (moved.from_offset, least(moved.target, moved.low), $8),
                (greatest(moved.from_offset, moved.low), moved.target, $9)) AS gap (from_offset, to_offset, cause)
              WHERE gap.from_offset < gap.to_offset
              ON CONFLICT (group_id, topic, partition, log, from_offset) DO UPDATE SET to_offset = greatest(g.to_offset, excluded.to_offset)),
            unpassed AS (
              DELETE FROM log_gaps AS g USING moved
              WHERE g.group_id = $1 AND g.topic = $2 AND g.partition = moved.partition AND g.log = moved.log AND g.cause = $9
                AND g.from_offset >= moved.target AND moved.target < moved.from_offset),
            shortened AS (
              UPDATE log_gaps AS g SET to_offset = moved.target FROM moved
              WHERE g.group_id = $1 AND g.topic = $2 AND g.partition = moved.partition AND g.log = moved.log AND g.cause = $9
                AND g.from_offset < moved.target AND g.to_offset > moved.target AND moved.target < moved.from_offset)
            SELECT count(*)::int FROM moved
            """);
        command.Parameters.Add(new() { Value = clients.Topics.Group });
        command.Parameters.Add(new() { Value = clients.Topics.Topic });
        command.Parameters.Add(new() { Value = HaltCause.Paused });
        command.AddArray(moving.Select(plan => plan.Partition), NpgsqlDbType.Integer);
        command.AddArray(moving.Select(plan => plan.From), NpgsqlDbType.Bigint);
        command.AddArray(moving.Select(plan => plan.To), NpgsqlDbType.Bigint);
        command.AddArray(moving.Select(plan => plan.Earliest), NpgsqlDbType.Bigint);
        command.Parameters.Add(new() { Value = GapCauses.Deleted });
        command.Parameters.Add(new() { Value = GapCauses.Skipped });
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>When the first record at each new position was sent.</summary>
    private async Task<Dictionary<int, DateTimeOffset>> FirstTimesAsync(IReadOnlyList<MovePlan> plans, CancellationToken cancellationToken)
    {
        var ranges = plans.Select(plan => new OffsetRange(plan.Partition, plan.To, Math.Min(plan.Latest, plan.To + LookAhead))).Where(range => range.Length > 0).ToList();
        return ranges.Count == 0 || !brokers.SupportsTimestamps
            ? []
            : await clients.Pages.ReadAsync(client => Task.Run(() => FirstTimes(client, ranges, cancellationToken), cancellationToken), cancellationToken);
    }

    private Dictionary<int, DateTimeOffset> FirstTimes(RecordRangeReader client, List<OffsetRange> ranges, CancellationToken cancellationToken)
    {
        var times = new Dictionary<int, DateTimeOffset>();
        var started = Stopwatch.GetTimestamp();
        client.Start(clients.Topics.Topic, ranges);
        while (!client.Completed && RecordTimeout - Stopwatch.GetElapsedTime(started) is var left && left > TimeSpan.Zero)
        {
            foreach (var record in client.Read(maxRecords: 1, long.MaxValue, left, cancellationToken))
            {
                if (record.Message.Timestamp.Type != TimestampType.NotAvailable)
                {
                    times.TryAdd(record.Partition.Value, new DateTimeOffset(record.Message.Timestamp.UtcDateTime, TimeSpan.Zero));
                }
                client.Leave(record.Partition.Value);
            }
        }

        return times;
    }

    [LoggerMessage(4031, LogLevel.Warning, "Positions were moved on request, of the partitions: {Moves}")]
    private partial void LogMoved(string moves);
}

/// <summary>What became of a move.</summary>
internal abstract record MoveOutcome
{
    private MoveOutcome()
    {
    }

    /// <summary>It is this, or was.</summary>
    public sealed record Planned(IReadOnlyList<MovePlan> Plans) : MoveOutcome;

    /// <summary>It cannot be, and nothing was moved.</summary>
    public sealed record Refused(string Reason) : MoveOutcome;

    /// <summary>The topic has no such partitions.</summary>
    public sealed record Unknown(IReadOnlyList<int> Partitions) : MoveOutcome;
}
