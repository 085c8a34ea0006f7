namespace LogPartitioning.Gateway.Audit;

/// <summary>What was found of each source in the last hour. Safe for use from several threads.</summary>
/// <remarks>Bounded: an hour in steps of 5 min, of each the first <see cref="MaxSources"/> sources; others are counted together.</remarks>
internal sealed class AuditSums(TimeProvider time)
{
    /// <summary>How many sources a step tells apart.</summary>
    public const int MaxSources = 1000;

    /// <summary>How those beyond are called together: no source has this name, since none has a control character.</summary>
    public const string Others = "\u0001others";

    private const int Steps = 12;
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTimeOffset Since, Dictionary<string, AuditCounts> Sources)> _steps = new();

    /// <summary>Adds what was found of the records of one check, with how many of each key came out of order.</summary>
    public void Add(IEnumerable<AuditedRecord> records, IReadOnlyDictionary<string, int> outOfOrderBySource)
    {
        lock (_lock)
        {
            var sources = Current();
            foreach (var record in records)
            {
                Count(sources, record.Event.Source, counts => counts.With(record.Outcome));
            }

            foreach (var (source, violations) in outOfOrderBySource)
            {
                Count(sources, source, counts => counts with { OutOfOrder = counts.OutOfOrder + violations });
            }
        }
    }

    /// <summary>The sums of the last hour by source: those that are not as promised first, then the most acknowledged.</summary>
    public IReadOnlyList<(string Source, AuditCounts Counts)> Read()
    {
        lock (_lock)
        {
            Forget();
            return
            [
                .. _steps.SelectMany(step => step.Sources)
                    .GroupBy(source => source.Key, StringComparer.Ordinal)
                    .Select(source => (source.Key, source.Aggregate(AuditCounts.None, (sum, one) => sum.And(one.Value))))
                    .OrderBy(source => source.Item2.AsPromised)
                    .ThenByDescending(source => source.Item2.Acknowledged)
                    .ThenBy(source => source.Key, StringComparer.Ordinal),
            ];
        }
    }

    private Dictionary<string, AuditCounts> Current()
    {
        Forget();
        if (_steps.Count == 0 || time.GetUtcNow() - _steps.Last().Since >= s_step)
        {
            _steps.Enqueue((time.GetUtcNow(), new(StringComparer.Ordinal)));
        }

        return _steps.Last().Sources;
    }

    private void Forget()
    {
        while (_steps.TryPeek(out var oldest) && time.GetUtcNow() - oldest.Since > Steps * s_step)
        {
            _steps.Dequeue();
        }
    }

    private static void Count(Dictionary<string, AuditCounts> sources, string source, Func<AuditCounts, AuditCounts> add)
    {
        var name = sources.ContainsKey(source) || sources.Count < MaxSources ? source : Others;
        sources[name] = add(sources.GetValueOrDefault(name) ?? AuditCounts.None);
    }
}

/// <summary>What was found.</summary>
/// <param name="Acknowledged">Records that the brokers have acknowledged.</param>
/// <param name="Stored">Stored at their places.</param>
/// <param name="Duplicate">Sent again by a client, and stored once.</param>
/// <param name="DeadLetters">Set aside.</param>
/// <param name="Skipped">Passed on an operator's request.</param>
/// <param name="Expired">Older than they, or their ids, are kept: nobody can tell any more.</param>
/// <param name="Missing">None of these: what must not be.</param>
/// <param name="OutOfOrder">Stored before what came before it under its key: what must not be.</param>
internal sealed record AuditCounts(long Acknowledged, long Stored, long Duplicate, long DeadLetters, long Skipped, long Expired, long Missing, long OutOfOrder)
{
    public static AuditCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    public AuditCounts With(AuditOutcome outcome) => this with
    {
        Acknowledged = Acknowledged + 1,
        Stored = Stored + (outcome == AuditOutcome.Stored ? 1 : 0),
        Duplicate = Duplicate + (outcome == AuditOutcome.Duplicate ? 1 : 0),
        DeadLetters = DeadLetters + (outcome == AuditOutcome.DeadLetter ? 1 : 0),
        Skipped = Skipped + (outcome == AuditOutcome.Skipped ? 1 : 0),
        Expired = Expired + (outcome == AuditOutcome.Expired ? 1 : 0),
        Missing = Missing + (outcome == AuditOutcome.Missing ? 1 : 0),
    };

    public AuditCounts And(AuditCounts other) => new(
        Acknowledged + other.Acknowledged,
        Stored + other.Stored,
        Duplicate + other.Duplicate,
        DeadLetters + other.DeadLetters,
        Skipped + other.Skipped,
        Expired + other.Expired,
        Missing + other.Missing,
        OutOfOrder + other.OutOfOrder);

    /// <summary>Whether what was looked at is as it was promised.</summary>
    public bool AsPromised => Missing == 0 && OutOfOrder == 0;
}
