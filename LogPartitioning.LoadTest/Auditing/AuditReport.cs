namespace LogPartitioning.LoadTest.Auditing;

/// <summary>What can be wrong with an event that was acknowledged.</summary>
internal enum FaultKind
{
    /// <summary>Acknowledged, but not in the store.</summary>
    Lost,

    /// <summary>Stored more than once: under its id, or the same event of a run under several ids.</summary>
    Duplicated,

    /// <summary>
    /// Stored after events that it precedes: behind its acknowledged offset, against the client's order, or written
    /// later than a later offset.
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
internal sealed record AuditFault(FaultKind Kind, string Description);

/// <summary>The verdict on what was acknowledged. Grows source by source.</summary>
internal sealed class AuditReport
{
    /// <summary>Faults described of each kind.</summary>
    public const int ExamplesPerKind = 20;

    private readonly long[] _counts = new long[Enum.GetValues<FaultKind>().Length];
    private readonly List<AuditFault> _examples = [];

    /// <summary>Sources audited.</summary>
    public int Sources { get; set; }

    /// <summary>Events that the ledgers hold as acknowledged.</summary>
    public long Acknowledged { get; set; }

    /// <summary>Those of them that the store holds.</summary>
    public long Stored { get; set; }

    /// <summary>Acknowledged events that were sent more than once.</summary>
    public long Retried { get; set; }

    /// <summary>Those stored at an earlier offset than the acknowledged one: an earlier attempt got through. No fault.</summary>
    public long EarlierCopies { get; set; }

    /// <summary>Events given up with an unknown outcome.</summary>
    public long Unknown { get; set; }

    /// <summary>Those of them that the store holds. No fault.</summary>
    public long UnknownStored { get; set; }

    /// <summary>The store had passed every acknowledged offset when this was judged.</summary>
    public bool CaughtUp { get; set; }

    /// <summary>The first faults of each kind, at most <see cref="ExamplesPerKind"/>.</summary>
    public IReadOnlyList<AuditFault> Examples => [.. _examples.OrderBy(e => e.Kind)];

    /// <summary>Acknowledged events that are not stored.</summary>
    public long Lost => Count(FaultKind.Lost);

    /// <summary>Events stored more than once.</summary>
    public long Duplicated => Count(FaultKind.Duplicated);

    /// <summary>Events out of order.</summary>
    public long OutOfOrder => Count(FaultKind.OutOfOrder);

    /// <summary>Nothing is wrong.</summary>
    public bool Passed => _counts.All(count => count == 0);

    /// <summary>Faults of a kind.</summary>
    public long Count(FaultKind kind) => _counts[(int)kind];

    /// <summary>Counts a fault; the description is made only while examples of its kind are few.</summary>
    public void Add(FaultKind kind, Func<string> describe)
    {
        if (++_counts[(int)kind] <= ExamplesPerKind)
        {
            _examples.Add(new AuditFault(kind, describe()));
        }
    }
}
