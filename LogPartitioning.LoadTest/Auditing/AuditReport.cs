namespace LogPartitioning.LoadTest.Auditing;

/// <summary>What can be wrong with an event that was acknowledged.</summary>
public enum FaultKind
{
    /// <summary>Acknowledged, but not in the store.</summary>
    Lost,

    /// <summary>Stored more than once: under its id, or the same event of a run under several ids.</summary>
    Duplicated,

    /// <summary>
    /// Stored after events that it precedes: behind its acknowledged offset, against the client's order, read back out
    /// of offset order, or written later than a later offset.
    /// </summary>
    OutOfOrder,

    /// <summary>Stored with another message or source than the one sent.</summary>
    Changed,

    /// <summary>On a partition where its key does not belong, or its source is on several without being split.</summary>
    Misplaced,
}

/// <summary>One fault, in words that name the event.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Description">Which event, where it should be and where it is.</param>
public sealed record AuditFault(FaultKind Kind, string Description);

/// <summary>The verdict on what was acknowledged.</summary>
/// <param name="Acknowledged">Events that the ledgers hold as acknowledged.</param>
/// <param name="Stored">Those of them that the store holds.</param>
/// <param name="Counts">Faults by kind; a kind without faults is 0.</param>
/// <param name="Examples">The first faults of each kind, at most <see cref="ExamplesPerKind"/>.</param>
/// <param name="Retried">Acknowledged events that were sent more than once.</param>
/// <param name="EarlierCopies">Those stored at an earlier offset than the acknowledged one: an earlier attempt got through. No fault.</param>
/// <param name="Unknown">Events given up with an unknown outcome.</param>
/// <param name="UnknownStored">Those of them that the store holds. No fault.</param>
/// <param name="Sources">Sources audited.</param>
/// <param name="CaughtUp">The store had passed every acknowledged offset when this was judged.</param>
public sealed record AuditReport(
    long Acknowledged,
    long Stored,
    IReadOnlyDictionary<FaultKind, long> Counts,
    IReadOnlyList<AuditFault> Examples,
    long Retried,
    long EarlierCopies,
    long Unknown,
    long UnknownStored,
    int Sources,
    bool CaughtUp)
{
    /// <summary>Faults described of each kind.</summary>
    public const int ExamplesPerKind = 20;

    /// <summary>Acknowledged events that are not stored.</summary>
    public long Lost => Counts[FaultKind.Lost];

    /// <summary>Events stored more than once.</summary>
    public long Duplicated => Counts[FaultKind.Duplicated];

    /// <summary>Events out of order.</summary>
    public long OutOfOrder => Counts[FaultKind.OutOfOrder];

    /// <summary>Nothing is wrong.</summary>
    public bool Passed => Counts.Values.All(count => count == 0);
}
