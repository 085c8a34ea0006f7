using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Gateway.Operate;

/// <summary>Reads what an operator has to see of each partition before pausing or moving it.</summary>
internal sealed class OperateView(NpgsqlDataSource database, TopicBoundsReader bounds, LagMonitor lag, IOptions<KafkaOptions> kafka)
{
    /// <summary>Every partition, ascending. Positions and ends are read now, so that a command shows at once; owners are those of the last reading of the lag.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="KafkaException">The brokers do not answer or refuse.</exception>
    public async Task<OperateList> ReadAsync(CancellationToken cancellationToken)
    {
        // Positions before ends: what is stored between the two shows as lag, never as a negative one.
        var positions = await StoredPositions.ReadAsync(database, kafka.Value.Group, kafka.Value.Topic, cancellationToken);
        var held = await bounds.ReadAsync(kafka.Value.Topic, cancellationToken);
        var owners = lag.Current?.Partitions.ToDictionary(partition => partition.Partition, partition => partition.Owner) ?? [];
        return new(
            kafka.Value.Group,
            kafka.Value.Topic,
            [.. held.OrderBy(p => p.Key).Select(p => Show(p.Key, p.Value, positions.GetValueOrDefault(p.Key), owners.GetValueOrDefault(p.Key)))]);
    }

    /// <summary>One partition.</summary>
    internal static OperatePartition Show(int partition, PartitionBounds held, StoredPosition? position, string? owner)
    {
        var halt = position?.Halt;
        return new(
            partition,
            position?.NextOffset,
            held.Low,
            held.High,
            Math.Max(0, held.High - Math.Max(position?.NextOffset ?? 0, held.Low)),
            owner,
            halt is { IsPause: true } ? PartitionStanding.Paused
                : halt is not null ? PartitionStanding.Halted
                : owner is null ? PartitionStanding.Unowned
                : PartitionStanding.Running,
            halt?.At,
            halt?.Pause?.By,
            halt is { IsPause: true } ? halt.Pause?.Reason : halt?.Detail);
    }
}

/// <summary>Whether a partition is read.</summary>
internal static class PartitionStanding
{
    /// <summary>A consumer reads it.</summary>
    public const string Running = "running";

    /// <summary>An operator has paused it.</summary>
    public const string Paused = "paused";

    /// <summary>It is halted until an operator decides.</summary>
    public const string Halted = "halted";

    /// <summary>No consumer owns it.</summary>
    public const string Unowned = "unowned";
}

/// <summary>The partitions, as an operator sees them.</summary>
/// <param name="Group">The consumer group.</param>
/// <param name="Topic">The topic.</param>
/// <param name="Partitions">Every partition, ascending.</param>
internal sealed record OperateList(string Group, string Topic, IReadOnlyList<OperatePartition> Partitions);

/// <summary>One partition.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Stored">The offset of the next record to store; null where nobody ever claimed it.</param>
/// <param name="Beginning">The first offset that the brokers still hold.</param>
/// <param name="End">The offset that the next record will get.</param>
/// <param name="Lag">Records not yet stored.</param>
/// <param name="Owner">Who owns it, by the last reading of the lag; null when nobody does.</param>
/// <param name="State"><c>running</c>, <c>paused</c>, <c>halted</c> or <c>unowned</c>.</param>
/// <param name="Since">Since when it is paused or halted.</param>
/// <param name="By">The name of the key that paused it; null where none is known.</param>
/// <param name="Reason">Why it is paused, in the operator's words, or why it is halted.</param>
internal sealed record OperatePartition(
    int Partition, long? Stored, long Beginning, long End, long Lag, string? Owner, string State, DateTimeOffset? Since, string? By, string? Reason);
