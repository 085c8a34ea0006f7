using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Tests.Core.GroupState;

/// <summary>What an instance publishes of itself, for tests that need some.</summary>
internal static class GroupSamples
{
    public static InstanceState Instance { get; } = new()
    {
        Instance = "consumer-1",
        Group = "log-processors",
        Topic = "log-events",
        Url = new("http://127.0.0.1:5201"),
        StartedAt = DateTimeOffset.UnixEpoch,
        At = DateTimeOffset.UnixEpoch.AddSeconds(1),
        Workers = [new(0, "consumer-1/0", "running", [1, 2], DateTimeOffset.UnixEpoch), new(1, "consumer-1/1", "starting", [], null)],
        Partitions = [new(1, 100, 7, 3, false, null), new(2, 5, 8, 0, true, DateTimeOffset.UnixEpoch)],
        ProcessedByPartition = new Dictionary<int, long> { [1] = 100, [2] = 5 },
        Stores = new Dictionary<string, StoreState> { ["logs"] = new(false, "refused") },
        LastRebalance = Rebalance(3),
    };

    public static RebalanceEvent Rebalance(int i) => new()
    {
        Id = new Guid(i, 0, 0, new byte[8]),
        At = DateTimeOffset.UnixEpoch.AddSeconds(i),
        Instance = "consumer-1",
        Group = "log-processors",
        Cause = RebalanceCause.Join,
        Gained = [i],
        GivenUp = [],
    };
}
