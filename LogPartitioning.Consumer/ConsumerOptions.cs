using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Consumer;

/// <summary>How an instance reads and writes. Configuration section <c>Consumer</c>.</summary>
public sealed class ConsumerOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Consumer";

    private const int MaxInstanceLength = 200;

    /// <summary>The instance's name, unique in the group; default <c>OTEL_SERVICE_NAME</c>, else machine name and process id.</summary>
    public string Instance { get; set; } = "";

    /// <summary>Workers in this instance, each a member of the group; 1 to 64, default 3.</summary>
    public int Concurrency { get; set; } = 3;

    /// <summary>Records that end a batch; 1 to 100,000, default 5,000.</summary>
    public int BatchSize { get; set; } = 5000;

    /// <summary>Bytes of memory whose records end a batch; 64 KiB to 256 MiB, default 8 MiB.</summary>
    public long BatchBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>Time from the first record after which a batch is written however small it is, where the batch before did not take less; 1 ms to 1 min, default 100 ms.</summary>
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Records that a worker reads ahead of the database; at least <see cref="BatchSize"/>, default 10,000.</summary>
    public int BufferRecords { get; set; } = 10_000;

    /// <summary>Bytes of memory (records and what is parsed from them, estimated) that a worker reads ahead of the database; at least <see cref="BatchBytes"/>, default 32 MiB.</summary>
    public long BufferBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// Time to finish what is in flight when partitions are revoked or the instance stops; 1 to 25 s, default 20 s.
    /// See <see cref="DrainBudget"/>.
    /// </summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Time that a rebalance waits for the database to grant newly assigned partitions; 3 to 10 s, default 5 s. Later they
    /// are claimed in the background. A claim needs more than the time after which it ends a session that is in its way.
    /// </summary>
    public TimeSpan ClaimTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Silence after which the group gives up a worker; 1 s to 30 min, default 30 s. Brokers have bounds of their own
    /// (<c>group.min.session.timeout.ms</c>, <c>group.max.session.timeout.ms</c>; 6 s and 30 s on old ones).
    /// </summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between heartbeats; at most a third of <see cref="SessionTimeout"/>, default 10 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often an instance looks whether the settled group deals partitions evenly over instances, and lets a worker
    /// join again where it does not; 1 s to 1 h, default 5 s.
    /// </summary>
    public TimeSpan BalanceInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two polls after which a worker counts as stuck and leaves the group; at least <see cref="SessionTimeout"/>, default 5 min.</summary>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long an instance that has drained waits for Prometheus to fetch its last counts, where a scrape is due within
    /// that time; 0 (never) to 10 s, default 10 s.
    /// </summary>
    public TimeSpan LastScrapeWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Kibibytes that a worker's client fetches ahead of the poll loop; 64 to 1,048,576, default 2,048.</summary>
    public int FetchAheadKilobytes { get; set; } = 2048;

    /// <summary>How many of a partition's last records are looked at for <see cref="RefusalShare"/>; 20 to 100,000, default 200.</summary>
    public int RefusalWindow { get; set; } = 200;

    /// <summary>
    /// Which part of them may be refused: with more, the partition is halted until an operator decides, instead of its
    /// records being set aside one after the other; above 0, to 1 (never halted), default 0.5.
    /// </summary>
    public double RefusalShare { get; set; } = 0.5;

    /// <summary>
    /// The drain time that is really used. Old brokers give a member no more than its session timeout to answer a
    /// rebalance, so draining may take two thirds of that and leaves the rest for letting go and joining again.
    /// </summary>
    public TimeSpan DrainBudget
    {
        get
        {
            var bound = SessionTimeout * (2.0 / 3.0);
            return DrainTimeout < bound ? DrainTimeout : bound;
        }
    }

    /// <summary>A text as the name of an instance: a dash for each character that such a name may not hold, and cut where it is too long.</summary>
    public static string AsInstance(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Concat(text.Take(MaxInstanceLength).Select(c => MayBeInInstance(c) ? c : '-'));
    }

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        List<ValidationResult> problems = [];
        Check(nameof(Concurrency), Concurrency, 1, 64);
        Check(nameof(BatchSize), BatchSize, 1, 100_000);
        Check(nameof(BatchBytes), BatchBytes, 64 * 1024, 256L * 1024 * 1024);
        Check(nameof(BatchDelay), BatchDelay, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1));
        Check(nameof(BufferRecords), BufferRecords, Math.Max(BatchSize, 1), 10_000_000);
        Check(nameof(BufferBytes), BufferBytes, Math.Max(BatchBytes, 1), 16L * 1024 * 1024 * 1024);
        Check(nameof(DrainTimeout), DrainTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(25));
        Check(nameof(ClaimTimeout), ClaimTimeout, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
        Check(nameof(SessionTimeout), SessionTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(30));
        Check(nameof(HeartbeatInterval), HeartbeatInterval, TimeSpan.FromMilliseconds(100), SessionTimeout / 3);
        Check(nameof(BalanceInterval), BalanceInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Check(nameof(MaxPollInterval), MaxPollInterval, SessionTimeout, TimeSpan.FromHours(24));
        Check(nameof(LastScrapeWait), LastScrapeWait, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Check(nameof(RefusalWindow), RefusalWindow, 20, 100_000);
        Check(nameof(RefusalShare), RefusalShare, 0.01, 1);
        Check(nameof(FetchAheadKilobytes), FetchAheadKilobytes, 64, 1024 * 1024);
        if (Instance.Length > MaxInstanceLength || !Instance.All(MayBeInInstance))
        {
            problems.Add(new($"{Section}:{nameof(Instance)} must have at most {MaxInstanceLength} characters, none of them a slash or a control character, and is \"{Instance}\".", [nameof(Instance)]));
        }
        return problems;

        void Check<T>(string name, T value, T min, T max)
            where T : IComparable<T>
        {
            if (value.CompareTo(min) < 0 || value.CompareTo(max) > 0)
            {
                problems.Add(new($"{Section}:{name} must be between {min} and {max}, and is {value}.", [name]));
            }
        }
    }

    private static bool MayBeInInstance(char c) => c != '/' && !char.IsControl(c);
}
