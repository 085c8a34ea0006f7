using System.Collections.ObjectModel;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// What one consumer instance tells the others about itself. It is published once a second with a time to live,
/// so an instance that died is gone from the live view when its last report expires.
/// </summary>
public sealed record InstanceState
{
    /// <summary>The instance's name, unique in the group; the Kafka client id of its worker w is <c>instance/w</c>.
    /// Where another living process has the name, it is followed by a number: <c>consumer-1#2</c>.</summary>
    public required string Instance { get; init; }

    /// <summary>The name that the instance was given, where another living process has it too; null as a rule.</summary>
    public string? SharedName { get; init; }

    /// <summary>Names the process, from its start to its end.</summary>
    public Guid Run { get; init; }

    /// <summary>The consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>The topic that the group reads.</summary>
    public required string Topic { get; init; }

    /// <summary>Where the instance's own endpoints answer, when it listens.</summary>
    public Uri? Url { get; init; }

    /// <summary>When the instance started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When this was written, by the instance's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The workers, by number.</summary>
    public required IReadOnlyList<WorkerState> Workers { get; init; }

    /// <summary>The partitions that the instance owns now, ascending.</summary>
    public required IReadOnlyList<PartitionProgress> Partitions { get; init; }

    /// <summary>Events stored for each partition since the instance started, those it no longer owns included.</summary>
    public required IReadOnlyDictionary<int, long> ProcessedByPartition { get; init; }

    /// <summary>Events stored a second, over the last few seconds.</summary>
    public double EventsPerSecond { get; init; }

    /// <summary>The instance's last rebalance, when there was one.</summary>
    public RebalanceEvent? LastRebalance { get; init; }

    /// <summary>What the instance last heard of each store: name (<c>kafka</c>, <c>logs</c>, <c>redis</c>) to state.</summary>
    // The generated deserializer sets what the JSON lacks to null, whatever stands here as its default.
    public IReadOnlyDictionary<string, StoreState> Stores { get => field ?? ReadOnlyDictionary<string, StoreState>.Empty; init; }

    /// <summary>Writes of a partition that were refused because another owner had claimed it, since the start; one for each partition and batch, however many records.</summary>
    public long Fenced { get; init; }

    /// <summary>Records sent to the dead-letter topic since the start.</summary>
    public long DeadLettered { get; init; }
}

/// <summary>One worker of an instance: a member of the consumer group.</summary>
/// <param name="Worker">Its number in the instance, from 0.</param>
/// <param name="ClientId">What it is called, <c>instance/worker</c>; see <see cref="WorkerClientId"/>.</param>
/// <param name="State">What it is doing, in a word: <c>starting</c>, <c>running</c>, <c>rebalancing</c>, <c>paused</c>, <c>draining</c>, <c>stopped</c>.</param>
/// <param name="Partitions">The partitions assigned to it, ascending.</param>
/// <param name="LastPoll">When it last polled the brokers; null before the first time.</param>
public sealed record WorkerState(
    int Worker,
    string ClientId,
    string State,
    IReadOnlyList<int> Partitions,
    DateTimeOffset? LastPoll = null);

/// <summary>How far the owner of a partition has come.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="NextOffset">The offset that is stored next: everything below it is in the database.</param>
/// <param name="Epoch">The owner's epoch, the number that fences earlier owners.</param>
/// <param name="Buffered">Records read and not yet stored.</param>
/// <param name="Paused">Whether fetching is paused, because the database is slower than the brokers or away.</param>
/// <param name="LastStored">When the last batch was stored; null before the first.</param>
public sealed record PartitionProgress(
    int Partition,
    long NextOffset,
    long Epoch,
    int Buffered,
    bool Paused,
    DateTimeOffset? LastStored = null);

/// <summary>Whether a store answers.</summary>
/// <param name="Reachable">Whether the last call to it went well.</param>
/// <param name="Detail">Why not, when it did not.</param>
public sealed record StoreState(bool Reachable, string? Detail = null);
