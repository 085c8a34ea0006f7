using System.Text.Json.Serialization;

namespace LogPartitioning.Gateway.Audit;

/// <summary>What was found of each source in the last hour. Safe for use from several threads.</summary>
/// <remarks>Bounded: an hour in steps of 5 min, of each <see cref="MaxSources"/> sources: those with something that is not as promised, and those of which most was looked at.
/// Others are counted together.</remarks>
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
            foreach (var source in records.GroupBy(record => record.Event.Source, StringComparer.Ordinal))
            {
                var found = source.Aggregate(AuditCounts.None, (counts, record) => counts.With(record.Outcome)) with { OutOfOrder = outOfOrderBySource.GetValueOrDefault(source.Key) };
                var name = sources.ContainsKey(source.Key) || HasRoom(sources, found) ? source.Key : Others;
                sources[name] = found.And(sources.GetValueOrDefault(name) ?? AuditCounts.None);
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
                    .Select(source => (Source: source.Key, Counts: source.Aggregate(AuditCounts.None, (sum, one) => sum.And(one.Value))))
                    .OrderBy(source => source.Counts.AsPromised)
                    .ThenByDescending(source => source.Counts.Acknowledged)
                    .ThenBy(source => source.Source, StringComparer.Ordinal),
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

    /// <summary>Whether one more source can be told apart, for which a lighter one may have to go to the others.</summary>
    private static bool HasRoom(Dictionary<string, AuditCounts> sources, AuditCounts found)
    {
        if (sources.Count < MaxSources)
        {
            return true;
        }

        var lightest = sources.Where(source => source.Key != Others && source.Value.AsPromised).MinBy(source => source.Value.Acknowledged);
        if (lightest.Key is null || (found.AsPromised && found.Acknowledged <= lightest.Value.Acknowledged))
        {
            return false;
        }

        sources.Remove(lightest.Key);
        sources[Others] = lightest.Value.And(sources.GetValueOrDefault(Others) ?? AuditCounts.None);
        return true;
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
    [JsonIgnore]
    public bool AsPromised => Missing == 0 && OutOfOrder == 0;
}
