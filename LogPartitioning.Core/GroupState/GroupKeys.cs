using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// Where the live state lies in Redis. Each command and each script names one key alone, so that a Redis Cluster, which
/// spreads keys over servers, takes them all.
/// </summary>
internal static class GroupKeys
{
    /// <summary>The sorted set of the names under which instances publish, by the time of their last report, so that reading needs no key scan.</summary>
    public static readonly RedisKey Index = "logpartitioning:instances";

    /// <summary>What the gateways write to see whether Redis takes writes.</summary>
    public static readonly RedisKey Probe = "logpartitioning:probe";

    /// <summary>The channel of events.</summary>
    public static readonly RedisChannel Events = RedisChannel.Literal("logpartitioning:events");

    /// <summary>The state published under a name.</summary>
    public static RedisKey Instance(string name) => "logpartitioning:instances:" + name;

    /// <summary>Which process holds a lease.</summary>
    public static RedisKey Lease(string name) => "logpartitioning:lease:" + name;

    /// <summary>The list of a group's last rebalances.</summary>
    public static RedisKey Rebalances(string group) => "logpartitioning:rebalances:" + group;
}
