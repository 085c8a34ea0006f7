namespace LogPartitioning.LoadTest.Auditing;

/// <summary>Adds up faults and figures, over sources.</summary>
internal sealed class AuditTally
{
    private readonly SortedDictionary<FaultKind, long> _counts = new(Enum.GetValues<FaultKind>().ToDictionary(kind => kind, _ => 0L));
    private readonly List<AuditFault> _examples = [];

    public long Acknowledged { get; set; }

    public long Stored { get; set; }

    public long Retried { get; set; }

    public long EarlierCopies { get; set; }

    public long Unknown { get; set; }

    public long UnknownStored { get; set; }

    public int Sources { get; set; }

    public long Lost => _counts[FaultKind.Lost];

    /// <summary>Counts a fault; the description is made only while examples of its kind are few.</summary>
    public void Fault(FaultKind kind, Func<string> describe)
    {
        if (++_counts[kind] <= AuditReport.ExamplesPerKind)
        {
            _examples.Add(new AuditFault(kind, describe()));
        }
    }

    public void Add(AuditTally other)
    {
        Acknowledged += other.Acknowledged;
        Stored += other.Stored;
        Retried += other.Retried;
        EarlierCopies += other.EarlierCopies;
        Unknown += other.Unknown;
        UnknownStored += other.UnknownStored;
        Sources += other.Sources;
        foreach (var (kind, count) in other._counts)
        {
            var room = (int)Math.Max(0, AuditReport.ExamplesPerKind - _counts[kind]);
            _examples.AddRange(other._examples.Where(e => e.Kind == kind).Take(room));
            _counts[kind] += count;
        }
    }

    public AuditReport Report(bool caughtUp) => new(
        Acknowledged, Stored, _counts, [.. _examples.OrderBy(e => e.Kind)], Retried, EarlierCopies, Unknown, UnknownStored, Sources, caughtUp);
}
