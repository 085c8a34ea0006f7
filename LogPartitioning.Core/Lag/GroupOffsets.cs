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
/// <param name="Committed">The offset that the group reads next; null when it never committed, or the commit expired.</param>
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
    /// <summary>
    /// Records not yet processed. Without a commit all that the brokers hold, never 0; records that
    /// retention removed before they were processed are gone and count no longer.
    /// </summary>
    public long Lag => Math.Max(0, End - Math.Max(Committed ?? Beginning, Beginning));
}
