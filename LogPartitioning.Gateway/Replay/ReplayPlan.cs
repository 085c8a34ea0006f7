using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Gateway.Replay;

/// <summary>What a replay will read, or why there will be none.</summary>
internal abstract record ReplayPlan
{
    private ReplayPlan()
    {
    }

    /// <summary>The replay can run.</summary>
    /// <param name="Ranges">What to read of each partition; it ends where the group stands now.</param>
    public sealed record Accepted(IReadOnlyList<OffsetRange> Ranges) : ReplayPlan
    {
        /// <summary>Which of their logs the partitions are in.</summary>
        public IReadOnlyDictionary<int, short> Logs { get; init; } = new Dictionary<int, short>();

        /// <summary>The topic that the offsets are of; null where the brokers have no such ids.</summary>
        public string? TopicId { get; init; }
    }

    /// <summary>The request names something that is not there: a partition, or an offset that was never reached.</summary>
    /// <param name="Reason">What, in a sentence.</param>
    public sealed record OutOfRange(string Reason) : ReplayPlan;

    /// <summary>The brokers no longer hold all of the records.</summary>
    /// <param name="Reason">Of which partition, and from where on they hold them.</param>
    public sealed record Gone(string Reason) : ReplayPlan;
}
