using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Gateway.Replay;

/// <summary>Finds out whether a replay is possible and what exactly it has to read.</summary>
/// <param name="topicBounds">What the brokers hold.</param>
/// <param name="database">Where the group stands.</param>
/// <param name="admin">Tells the topic's id.</param>
/// <param name="brokers">Whether they can find an offset by time, and have ids for topics.</param>
/// <param name="kafka">The topic of the events, and the group.</param>
internal sealed class ReplayPlanner(TopicBoundsReader topicBounds, NpgsqlDataSource database, IAdminClient admin, BrokerCapabilities brokers, KafkaOptions kafka)
{
    private static readonly TimeSpan TopicTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How far before a time what was stored is looked for, one after the other; the last without a bound.</summary>
    private static readonly TimeSpan?[] s_windows = [TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(31), null];

    /// <summary>Plans one replay. Nothing is changed.</summary>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="NpgsqlException">The database does not answer, or refuses.</exception>
    public async Task<ReplayPlan> PlanAsync(ReplayRequest request, CancellationToken cancellationToken)
    {
        // The positions first: what is stored below them stays below them, while the brokers' bounds only move on.
        var stored = await StoredPositions.ReadAsync(database, kafka.Group, kafka.Topic, cancellationToken);
        var topicId = await TopicId.ReadAsync(admin, kafka.Topic, brokers, TopicTimeout, cancellationToken);
        if (stored.Values.FirstOrDefault(p => p.TopicId is not null && topicId is not null && p.TopicId != topicId) is { } other)
        {
            return new ReplayPlan.Gone($"the positions are of topic id {other.TopicId}, and the brokers have {topicId}: the topic was created again");
        }
        var positions = stored.ToDictionary(p => p.Key, p => p.Value.NextOffset);
        var bounds = await topicBounds.ReadAsync(kafka.Topic, cancellationToken);
        if (request.Partition is { } one && !bounds.ContainsKey(one))
        {
            return new ReplayPlan.OutOfRange(bounds.Count == 0
                ? $"the topic {kafka.Topic} does not exist"
                : $"the topic {kafka.Topic} has the partitions 0 to {bounds.Count - 1}; there is no partition {one}");
        }
        int[] partitions = request.Partition is { } chosen ? [chosen] : [.. bounds.Keys.Order()];
        var logs = stored.ToDictionary(p => p.Key, p => p.Value.Log);
        var starts = await StartsAsync(request.From, partitions, bounds, logs, cancellationToken);
        var decided = Decide(partitions, starts, positions, bounds, byTime: request.From is ReplayStart.Time);
        return decided is ReplayPlan.Accepted accepted ? accepted with { Logs = logs, TopicId = topicId } : decided;
    }

    /// <summary>The decision, given every figure.</summary>
    internal static ReplayPlan Decide(
        IReadOnlyList<int> partitions,
        IReadOnlyDictionary<int, long> starts,
        IReadOnlyDictionary<int, long> positions,
        IReadOnlyDictionary<int, PartitionBounds> bounds,
        bool byTime)
    {
        var ranges = new List<OffsetRange>(partitions.Count);
        var beyond = new List<string>();
        var gone = new List<string>();
        foreach (var partition in partitions)
        {
            var from = starts[partition];
            var position = positions.GetValueOrDefault(partition);
            var (low, high) = bounds[partition];
            if (from > position)
            {
                beyond.Add($"partition {partition} is processed up to offset {position}, which is before {from}");
                continue;
            }
            if (from < position && position > high)
            {
                gone.Add($"partition {partition} is processed up to offset {position}, but the brokers' records end at {high}");
            }
            else if (from < Math.Min(low, position))
            {
                gone.Add($"partition {partition}: the brokers hold records from offset {low} on, not from {from}");
            }
            ranges.Add(new OffsetRange(partition, from, position));
        }
        if (gone.Count > 0)
        {
            return new ReplayPlan.Gone(string.Join("; ", gone));
        }
        // By time, a partition that has stood still since has nothing to replay, which is no mistake of the caller.
        // By offset, among all partitions some are shorter than others, but one at least has to reach that far.
        return beyond.Count == partitions.Count && !byTime
            ? new ReplayPlan.OutOfRange(string.Join("; ", beyond))
            : new ReplayPlan.Accepted(ranges);
    }

    private async Task<IReadOnlyDictionary<int, long>> StartsAsync(
        ReplayStart start,
        int[] partitions,
        IReadOnlyDictionary<int, PartitionBounds> bounds,
        IReadOnlyDictionary<int, short> logs,
        CancellationToken cancellationToken) => start switch
        {
            ReplayStart.Offset offset => partitions.ToDictionary(p => p, _ => offset.Value),
            ReplayStart.Time time when brokers.SupportsTimestamps =>
                await StartsFromBrokersAsync(partitions, time.Value, bounds, logs, cancellationToken),
            ReplayStart.Time time =>
                await StartsFromStoreAsync(database, partitions, time.Value, bounds, logs, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(start)),
        };

    private async Task<IReadOnlyDictionary<int, long>> StartsFromBrokersAsync(
        int[] partitions,
        DateTimeOffset time,
        IReadOnlyDictionary<int, PartitionBounds> bounds,
        IReadOnlyDictionary<int, short> logs,
        CancellationToken cancellationToken)
    {
        var starts = await topicBounds.OffsetsAtAsync(kafka.Topic, partitions, time, cancellationToken);
        // Where the answer is the oldest record that is left, older ones that qualify may be gone: the store knows better.
        var doubtful = partitions.Where(p => bounds[p].Low > 0 && starts[p] <= bounds[p].Low).ToArray();
        if (doubtful.Length == 0)
        {
            return starts;
        }
        var stored = await StartsFromStoreAsync(database, doubtful, time, bounds, logs, cancellationToken);
        return starts.ToDictionary(s => s.Key, s => stored.TryGetValue(s.Key, out var at) ? Math.Min(at, s.Value) : s.Value);
    }

    /// <summary>
    /// Behind the last record that was stored before the time. Where there is none, nothing says that any of the records
    /// which retention has taken came in since: the oldest that is left.
    /// </summary>
    internal static async Task<Dictionary<int, long>> StartsFromStoreAsync(
        NpgsqlDataSource database,
        int[] partitions,
        DateTimeOffset time,
        IReadOnlyDictionary<int, PartitionBounds> bounds,
        IReadOnlyDictionary<int, short> logs,
        CancellationToken cancellationToken)
    {
        var starts = partitions.ToDictionary(p => p, p => bounds[p].Low);
        var open = partitions;
        foreach (var window in s_windows)
        {
            // By the block range index on the time of storing: near the time first, since the rows before it may be many.
            await using var command = database.CreateCommand(
                """
                SELECT e.partition, max(e."offset") FROM log_events e JOIN unnest($1, $2) AS current (partition, log) USING (partition, log)
                WHERE e.stored_at < $3 AND e.stored_at >= $4 GROUP BY e.partition
                """);
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = open });
            command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = [.. open.Select(p => logs.GetValueOrDefault(p, (short)1))] });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = time.UtcDateTime });
            command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = window is { } near ? (time - near).UtcDateTime : DateTime.MinValue });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var found = new List<int>();
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetInt32(0));
                starts[found[^1]] = reader.GetInt64(1) + 1;
            }

            open = [.. open.Except(found)];
            if (open.Length == 0)
            {
                break;
            }
        }

        return starts;
    }
}
