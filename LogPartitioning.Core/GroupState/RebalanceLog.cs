using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// The last rebalances, in this process and, shared by all instances, in the Redis list <c>logpartitioning:rebalances:&lt;group&gt;</c>.
/// Recording never waits: a rebalance callback must not hang on Redis. <see cref="FlushAsync"/>, called beside the
/// publication of the instance's state, hands over what Redis does not have yet.
/// </summary>
public sealed class RebalanceLog
{
    /// <summary>How many rebalances are kept, in Redis and here.</summary>
    public const int Capacity = 100;

    /// <summary>Replaces the entry of the same id where it stands, or adds it in front: amending must not move an entry.</summary>
    private const string UpsertScript = """
        local items = redis.call('LRANGE', KEYS[1], 0, -1)
        for i = 1, #items do
          if string.find(items[i], ARGV[1], 1, true) then
            redis.call('LSET', KEYS[1], i - 1, ARGV[2])
            return 0
          end
        end
        redis.call('LPUSH', KEYS[1], ARGV[2])
        redis.call('LTRIM', KEYS[1], 0, ARGV[3] - 1)
        return 1
        """;

    private readonly RedisCalls _writes;
    private readonly RedisCalls _reads;
    private readonly RedisKey _key;
    private readonly string _group;
    private readonly Lock _lock = new();
    private readonly LinkedList<RebalanceEvent> _recent = [];
    private readonly Dictionary<Guid, RebalanceEvent> _unsent = [];

    /// <summary>A log for one group.</summary>
    public RebalanceLog(string group, IConnectionMultiplexer redis, GroupStateOptions options, TimeProvider time, ILogger<RebalanceLog> logger)
    {
        _writes = new(redis, options, time, logger);
        _reads = new(redis, options, time, logger);
        _group = group;
        _key = GroupKeys.Rebalances(group);
    }

    /// <summary>This process's own rebalances, newest first, at most <see cref="Capacity"/>.</summary>
    public IReadOnlyList<RebalanceEvent> Recent
    {
        get
        {
            lock (_lock)
            {
                return [.. _recent];
            }
        }
    }

    /// <summary>Adds a rebalance, or replaces the one of the same id (when its pauses are known). Does not wait.</summary>
    public void Record(RebalanceEvent rebalance)
    {
        ArgumentNullException.ThrowIfNull(rebalance);
        lock (_lock)
        {
            var node = _recent.First;
            while (node is not null && node.Value.Id != rebalance.Id)
            {
                node = node.Next;
            }

            if (node is not null)
            {
                node.Value = rebalance;
            }
            else
            {
                _recent.AddFirst(rebalance);
            }

            _unsent[rebalance.Id] = rebalance;
            if (_recent.Count > Capacity)
            {
                _unsent.Remove(_recent.Last!.Value.Id);
                _recent.RemoveLast();
            }
        }
    }

    /// <summary>Sends to Redis what it does not have yet; what it does not take is kept for the next time.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        RebalanceEvent[] unsent;
        lock (_lock)
        {
            unsent = [.. _unsent.Values.OrderBy(rebalance => rebalance.At)];
        }

        foreach (var rebalance in unsent)
        {
            var json = JsonSerializer.Serialize(rebalance, GroupStateJson.Default.RebalanceEvent);
            var problem = await _writes.TryAsync(
                database => database.ScriptEvaluateAsync(UpsertScript, [_key], [rebalance.Id.ToString(), json, Capacity]),
                cancellationToken);
            if (problem is not null)
            {
                return;
            }

            lock (_lock)
            {
                // It may have been amended meanwhile: then the newer one is still to be sent.
                if (_unsent.TryGetValue(rebalance.Id, out var current) && ReferenceEquals(current, rebalance))
                {
                    _unsent.Remove(rebalance.Id);
                }
            }
        }
    }

    /// <summary>
    /// The group's rebalances over all instances, newest first; this process's own when Redis is away. Entries that cannot be
    /// read are left out, and the view says so.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<RebalanceView> ReadAsync(CancellationToken cancellationToken)
    {
        var (values, problem) = await _reads.TryReadAsync(database => database.ListRangeAsync(_key, 0, Capacity - 1), cancellationToken);
        if (values is null)
        {
            return new(false, problem, Recent);
        }

        var entries = values.Select(value => PublishedValue.ReadRebalance((byte[])value!)).ToList();
        var items = entries.Select(entry => entry.Rebalance).OfType<RebalanceEvent>().Where(rebalance => rebalance.Group == _group);
        var damaged = entries.Count(entry => entry.Problem is not null);
        return new(
            damaged == 0,
            damaged == 0 ? null : $"{damaged} of {entries.Count} rebalances in Redis cannot be read; {_key}: {entries.First(entry => entry.Problem is not null).Problem}",
            [.. items.OrderByDescending(item => item.At)]);
    }
}
