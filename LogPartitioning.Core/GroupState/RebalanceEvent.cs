namespace LogPartitioning.Core.GroupState;

/// <summary>One rebalance as one instance went through it.</summary>
public sealed record RebalanceEvent
{
    /// <summary>Names the rebalance, so that what is learnt later (the pauses) finds its entry.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The instance that reports it.</summary>
    public required string Instance { get; init; }

    /// <summary>The worker of that instance, from 0; null when several took part.</summary>
    public int? Worker { get; init; }

    /// <summary>The consumer group.</summary>
    public required string Group { get; init; }

    /// <summary>Why, as far as known: one of <see cref="RebalanceCause"/>.</summary>
    public required string Cause { get; init; }

    /// <summary>Partitions assigned, ascending.</summary>
    public required IReadOnlyList<int> Gained { get; init; }

    /// <summary>Partitions revoked or lost, ascending.</summary>
    public required IReadOnlyList<int> GivenUp { get; init; }

    /// <summary>Partitions that the reporter kept through it, ascending; reading them went on.</summary>
    // The generated deserializer sets what the JSON lacks to null, whatever stands here as its default.
    public IReadOnlyList<int> Kept { get => field ?? []; init; }

    /// <summary>Events stored between the revocation and the moment the partitions were let go.</summary>
    public long Drained { get; init; }

    /// <summary>Records read and not stored when the partitions were let go; the next owner reads them again. 0 when the drain succeeded.</summary>
    public long Dropped { get; init; }

    /// <summary>From the first callback to the last, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>For each moved partition, the pause between the old owner's last event and the new owner's first; for a kept one 0.</summary>
    public IReadOnlyList<PartitionPause> Pauses { get => field ?? []; init; }
}

/// <summary>How long nothing was processed in a partition that changed hands.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Ms">Milliseconds between the last event of the old owner and the first of the new one.</param>
public sealed record PartitionPause(int Partition, double Ms);

/// <summary>Why a rebalance took place.</summary>
public static class RebalanceCause
{
    /// <summary>The first assignment since the group or the instance started.</summary>
    public const string First = "first";

    /// <summary>Another member joined.</summary>
    public const string Join = "join";

    /// <summary>A member left by its own will.</summary>
    public const string Leave = "leave";

    /// <summary>The reporter was thrown out of the group: its session expired.</summary>
    public const string Lost = "lost";

    /// <summary>The reporter is shutting down.</summary>
    public const string Shutdown = "shutdown";

    /// <summary>The reporter's worker gave its partitions back to be assigned again, because instances had unequal numbers of them.</summary>
    public const string Balance = "balance";
}
