using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// Reads the live state of the consumer group from Redis, as the instances publish it (<see cref="InstancePublisher"/>).
/// Nothing here may be needed for processing: no call throws when Redis is away or holds something else, and none takes
/// longer than <see cref="GroupStateOptions.Timeout"/>.
/// </summary>
public sealed partial class GroupStateStore(
    IConnectionMultiplexer redis,
    GroupStateOptions options,
    TimeProvider time,
    ILogger<GroupStateStore> logger)
{
    /// <summary>The most instances that are read, those that reported last.</summary>
    private const int MaxInstances = 1_000;

    private readonly RedisCalls _reads = new(redis, options, time, logger);
    private readonly RedisCalls _events = new(redis, options, time, logger);
    private volatile string? _incomplete;

    /// <summary>
    /// The instances of a group whose state stands. The view is not live where Redis does not answer; where it takes no
    /// writes, for then no state may stand because none is taken; and where a state cannot be read.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<GroupView> ReadAsync(string group, CancellationToken cancellationToken)
    {
        var (view, problem) = await _reads.TryReadAsync(database => ReadAsync(database, group), cancellationToken);
        if (view is null)
        {
            return new(false, problem, []);
        }

        if (view.Reason is { } reason && reason != _incomplete)
        {
            LogIncomplete(logger, reason);
        }

        _incomplete = view.Reason;
        return view;
    }

    /// <summary>Tells whoever listens on the channel <c>logpartitioning:events</c> of something that happened.</summary>
    /// <param name="kind">What, in one word; today <c>scaling</c> alone, a change of the scaling advice.</param>
    /// <param name="json">The event as one JSON value.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether Redis took it; nobody need be listening.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<bool> PublishEventAsync(string kind, string json, CancellationToken cancellationToken) =>
        await _events.TryAsync(
            database => database.PublishAsync(GroupKeys.Events, $$"""{"kind":{{JsonSerializer.Serialize(kind)}},"event":{{json}}}"""),
            cancellationToken) is null;

    private async Task<GroupView> ReadAsync(IDatabase database, string group)
    {
        var refusal = await RefusalOfWritesAsync(database);
        var names = await database.SortedSetRangeByRankAsync(GroupKeys.Index, 0, MaxInstances - 1, Order.Descending);
        if (refusal is not null)
        {
            return new(false, refusal, []);
        }

        var states = await Task.WhenAll(names.Select(name => ReadStateAsync(database, name.ToString())));
        RedisValue[] gone = [.. names.Where((_, i) => states[i] is (null, null))];
        if (gone.Length > 0)
        {
            await database.SortedSetRemoveAsync(GroupKeys.Index, gone, CommandFlags.FireAndForget);
        }

        InstanceState[] instances =
        [
            .. states.Select(read => read.State).OfType<InstanceState>().Where(state => state.Group == group).OrderBy(state => state.Instance, NaturalOrder.Instance),
        ];
        var (damaged, name) = (states.Count(read => read.Problem is not null), Array.FindIndex(states, read => read.Problem is not null));
        return damaged == 0
            ? new(true, null, instances)
            : new(false, $"{damaged} of {states.Length} instances' states in Redis cannot be read; {GroupKeys.Instance(NearestName.Cut(names[name].ToString()))}: {states[name].Problem}", instances);
    }

    /// <summary>Redis that is full, whose disk fails or that is a replica answers reads and takes no writes: then the states run
    /// out one by one, and that nobody publishes does not mean that nobody runs.</summary>
    private async Task<string?> RefusalOfWritesAsync(IDatabase database)
    {
        try
        {
            await database.StringSetAsync(GroupKeys.Probe, time.GetUtcNow().ToUnixTimeMilliseconds(), options.TimeToLive);
            return null;
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOPERM", StringComparison.Ordinal))
        {
            // This service alone may not write; what the instances may is theirs.
            return null;
        }
        catch (Exception e) when (e is RedisException)
        {
            return $"Redis takes no writes, so the instances cannot publish their states. {_reads.Describe(e)}";
        }
    }

    /// <returns>The state; or why it cannot be read; or neither, when it has run out.</returns>
    private static async Task<(InstanceState? State, string? Problem)> ReadStateAsync(IDatabase database, string name)
    {
        try
        {
            // One byte more than is taken tells that there are more.
            var value = await database.StringGetRangeAsync(GroupKeys.Instance(name), 0, PublishedValue.MaxBytes);
            return value.IsNullOrEmpty ? (null, null) : PublishedValue.ReadState(name, (byte[])value!);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return (null, "it is no string");
        }
    }

    [LoggerMessage(2010, LogLevel.Warning, "The live view of the group is incomplete: {Reason}")]
    private static partial void LogIncomplete(ILogger logger, string reason);
}
