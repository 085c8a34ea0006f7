using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// What one process of several does, agreed on in Redis: whoever holds the key <c>logpartitioning:lease:&lt;name&gt;</c>, for
/// <see cref="GroupStateOptions.TimeToLive"/> after each call of <see cref="HoldAsync"/>. Nothing that processes events may
/// depend on it.
/// </summary>
public sealed class RedisLease(
    string name,
    IConnectionMultiplexer redis,
    GroupStateOptions options,
    TimeProvider time,
    ILogger<RedisLease> logger)
{
    private readonly RedisCalls _calls = new(redis, options, time, logger);
    private readonly RedisKey _key = GroupKeys.Lease(name);
    private readonly RedisValue _owner = Guid.NewGuid().ToString();
    private readonly Lock _lock = new();
    private bool _isOwn;
    private long? _since;

    /// <summary>Whether this process has it: null when Redis has not said so lately.</summary>
    public bool? IsHeld
    {
        get
        {
            lock (_lock)
            {
                return _since is { } since && time.GetElapsedTime(since) < options.TimeToLive ? _isOwn : null;
            }
        }
    }

    /// <summary>Takes it when nobody has it, and keeps it when this process does. Call it several times in the time to live.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task HoldAsync(CancellationToken cancellationToken)
    {
        // Counted from before the call, so that it ends here before it ends in Redis.
        var asked = time.GetTimestamp();
        var (isOwn, problem) = await _calls.TryReadAsync(
            async database => await database.LockExtendAsync(_key, _owner, options.TimeToLive)
                || await database.LockTakeAsync(_key, _owner, options.TimeToLive),
            cancellationToken);
        lock (_lock)
        {
            _isOwn = isOwn;
            _since = problem is null ? asked : null;
        }
    }

    /// <summary>Leaves it to another process.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _since = null;
        }

        await _calls.TryAsync(database => database.LockReleaseAsync(_key, _owner), cancellationToken);
    }
}
