using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// The live state of the consumer group in Redis: written by each instance, read by the gateway.
/// Nothing here may be needed for processing: no call throws when Redis is away, and none takes longer than
/// <see cref="GroupStateOptions.Timeout"/>.
/// </summary>
/// <remarks>
/// Keys: <c>logpartitioning:instances:&lt;instance&gt;</c> holds a state and expires;
/// <c>logpartitioning:instances</c> is the sorted set of names by the time of their last report, so that reading needs no key scan.
/// </remarks>
public sealed partial class GroupStateStore(
    IConnectionMultiplexer redis,
    GroupStateOptions options,
    TimeProvider time,
    ILogger<GroupStateStore> logger)
{
    private const string Prefix = "logpartitioning:instances:";
    private static readonly RedisKey s_index = "logpartitioning:instances";
    private static readonly RedisChannel s_events = RedisChannel.Literal("logpartitioning:events");
    private readonly RedisCalls _calls = new(redis, options, time, logger);

    /// <summary>Publishes an instance's state, to stand for <see cref="GroupStateOptions.TimeToLive"/>.</summary>
    /// <returns>Whether Redis took it.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<bool> PublishAsync(InstanceState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        return _calls.TryAsync(async database =>
        {
            var json = JsonSerializer.Serialize(state, GroupStateJson.Default.InstanceState);
            await Task.WhenAll(
                database.StringSetAsync(Prefix + state.Instance, json, options.TimeToLive),
                database.SortedSetAddAsync(s_index, state.Instance, time.GetUtcNow().ToUnixTimeMilliseconds()));
        }, cancellationToken);
    }

    /// <summary>Removes an instance's state, at an orderly stop.</summary>
    /// <returns>Whether Redis took it.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<bool> RemoveAsync(string instance, CancellationToken cancellationToken) =>
        _calls.TryAsync(database => Task.WhenAll(
            database.KeyDeleteAsync(Prefix + instance),
            database.SortedSetRemoveAsync(s_index, instance)), cancellationToken);

    /// <summary>The instances of a group whose state stands.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<GroupView> ReadAsync(string group, CancellationToken cancellationToken)
    {
        var instances = new List<InstanceState>();
        var failure = await _calls.TryReadAsync(async database =>
        {
            var names = await database.SortedSetRangeByRankAsync(s_index);
            var values = await database.StringGetAsync([.. names.Select(name => (RedisKey)(Prefix + name))]);
            var gone = new List<RedisValue>();
            for (var i = 0; i < names.Length; i++)
            {
                if (values[i].IsNull)
                {
                    gone.Add(names[i]);
                }
                else if (Parse(names[i]!, values[i]!) is { } state && state.Group == group)
                {
                    instances.Add(state);
                }
            }

            if (gone.Count > 0)
            {
                await database.SortedSetRemoveAsync(s_index, [.. gone]);
            }
        }, cancellationToken);

        return failure is null
            ? new(true, null, [.. instances.OrderBy(state => state.Instance, NaturalOrder.Instance)])
            : new(false, failure, []);
    }

    /// <summary>Tells whoever listens on the channel <c>logpartitioning:events</c> of something that happened.</summary>
    /// <param name="kind">What, in one word; today <c>scaling</c> alone, a change of the scaling advice.</param>
    /// <param name="json">The event as one JSON value.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether Redis took it; nobody need be listening.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<bool> PublishEventAsync(string kind, string json, CancellationToken cancellationToken) =>
        _calls.TryAsync(
            database => database.PublishAsync(s_events, $$"""{"kind":{{JsonSerializer.Serialize(kind)}},"event":{{json}}}"""),
            cancellationToken);

    private InstanceState? Parse(string name, string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, GroupStateJson.Default.InstanceState);
        }
        catch (JsonException e)
        {
            LogUnreadable(logger, name, e.Message);
            return null;
        }
    }

    [LoggerMessage(2010, LogLevel.Warning, "The state of instance {Instance} in Redis cannot be read: {Problem}")]
    private static partial void LogUnreadable(ILogger logger, string instance, string problem);
}
