using LogPartitioning.Core.Storage;

namespace LogPartitioning.Core.Lag;

/// <summary>One reading of the brokers: where a topic ends, and how far a group has committed.</summary>
/// <param name="At">When it was read.</param>
/// <param name="State">The group's state as the coordinator names it: <c>Stable</c>, <c>PreparingRebalance</c>, <c>CompletingRebalance</c>, <c>Empty</c>, <c>Dead</c>, <c>Unknown</c>.</param>
/// <param name="Members">The members, by client id.</param>
/// <param name="Partitions">Every partition of the topic, ascending.</param>
public sealed record GroupOffsets(
    DateTimeOffset At,
    string State,
    IReadOnlyList<GroupMember> Members,
    IReadOnlyList<PartitionOffsets> Partitions)
{
    /// <summary>The id of the topic that was read; null where the brokers have no such ids.</summary>
    public string? TopicId { get; init; }

    /// <summary>Why the store's positions are not recent, so that the lag is at least as old as they are; null when they are.</summary>
    public string? StoreProblem { get; init; }

    /// <summary>Whether members are being dealt partitions. Old brokers name that state otherwise than new ones, so anything but <c>Stable</c> counts.</summary>
    public bool IsRebalancing => Members.Count > 0 && State != "Stable";
}

/// <summary>A member of the group.</summary>
/// <param name="ClientId">What it is called, <c>instance/worker</c>; see <see cref="GroupState.WorkerClientId"/>.</param>
/// <param name="Partitions">The partitions of the topic that are assigned to it, ascending.</param>
public sealed record GroupMember(string ClientId, IReadOnlyList<int> Partitions);

/// <summary>One partition in a reading.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Beginning">The first offset that the brokers still hold.</param>
/// <param name="End">The offset that the next record will get.</param>
/// <param name="Committed">The offset that the group has committed to the brokers; null when it never did, or the commit expired.</param>
/// <param name="Owner">The client id of the member that owns it; null when nobody does.</param>
/// <param name="Replicas">How many replicas it should have.</param>
/// <param name="InSyncReplicas">How many of them are in sync.</param>
public sealed record PartitionOffsets(
    int Partition,
    long Beginning,
    long End,
    long? Committed,
    string? Owner,
    int Replicas,
    int InSyncReplicas)
{
    /// <summary>The offset of the next record to store, by the store itself; null where it is not known, or the partition was never claimed.</summary>
    public long? Stored { get; init; }

    /// <summary>Records that the brokers had deleted before they were stored.</summary>
    public long Lost { get; init; }

    /// <summary>Why nothing is read of it; null while it is.</summary>
    public PartitionHalt? Halt { get; init; }

    /// <summary>
    /// Up to where records can be read: before <see cref="End"/> while a transaction of another program is open; null where
    /// it was not asked for.
    /// </summary>
    public long? StableEnd { get; init; }

    /// <summary>What is read next: what the store says, else the brokers' commit, else the first record that is there.</summary>
    public long Position => Math.Max(IsOfAnotherLog ? Beginning : Stored ?? Committed ?? Beginning, Beginning);

    /// <summary>
    /// Records not yet stored, up to the last one that a producer has written. Without a position all that the brokers hold,
    /// never 0; records that retention removed before they were stored are gone and count no longer.
    /// </summary>
    public long Lag => Math.Max(0, End - Position);

    /// <summary>A position in another log says nothing about this one: all of it is still to be read.</summary>
    private bool IsOfAnotherLog => Halt is { Cause: HaltCause.LogReplaced or HaltCause.LogTruncated };
}
