using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Core.Lag;

/// <summary>
/// The brokers' reading, completed by what the store says: its positions are the truth about what is stored. The brokers'
/// commits follow it, expire while a group is idle, and may be moved by anybody who uses the group's name.
/// </summary>
/// <remarks>
/// A store that does not answer moves no position either, so the ones last read go on to count; the reading says so.
/// </remarks>
public sealed class StoredGroupOffsets(IGroupOffsetsSource brokers, NpgsqlDataSource database, TimeSpan timeout, TimeProvider time) : IGroupOffsetsSource, IDisposable
{
    private IReadOnlyDictionary<int, StoredPosition> _positions = new Dictionary<int, StoredPosition>();

    /// <inheritdoc />
    public string Group => brokers.Group;

    /// <inheritdoc />
    public string Topic => brokers.Topic;

    /// <inheritdoc />
    public async Task<GroupOffsets> ReadAsync(CancellationToken cancellationToken)
    {
        // Positions before ends: what is stored between the two shows as lag, never as a negative one.
        var problem = await ReadPositionsAsync(cancellationToken);
        return Complete(await brokers.ReadAsync(cancellationToken), _positions, problem);
    }

    /// <inheritdoc />
    public void Dispose() => (brokers as IDisposable)?.Dispose();

    /// <summary>Puts positions and ends together.</summary>
    internal static GroupOffsets Complete(GroupOffsets offsets, IReadOnlyDictionary<int, StoredPosition> positions, string? problem) => offsets with
    {
        StoreProblem = problem,
        Partitions = [.. offsets.Partitions.Select(partition => positions.TryGetValue(partition.Partition, out var position)
            ? partition with { Stored = position.NextOffset, Lost = position.Lost, Halt = position.Halt ?? HaltOf(partition, position, offsets.TopicId) }
            : partition)],
    };

    /// <summary>What a consumer will find when it claims the partition, said also while none runs.</summary>
    private static PartitionHalt? HaltOf(PartitionOffsets partition, StoredPosition position, string? topicId)
    {
        if (topicId is not null && position.TopicId is { } stored && stored != topicId)
        {
            return PartitionHalt.Replaced(stored, topicId);
        }
        // Where brokers have no such ids, an end may fall for a moment when a partition gets another leader.
        return topicId is not null && position.NextOffset > partition.End
            ? new(HaltCause.LogTruncated, FormattableString.Invariant($"the store stands at offset {position.NextOffset}, and the log ends at {partition.End}"))
            : null;
    }

    private async Task<string?> ReadPositionsAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout / 2, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            _positions = await StoredPositions.ReadAsync(database, Group, Topic, both.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "the log store does not tell the positions in time";
        }
        catch (NpgsqlException)
        {
            return "the log store does not tell the positions";
        }
    }
}
