using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// Publishes the state of this process to Redis, under the name of its instance, or beside it where another process that
/// lives has that name: as <c>consumer-1#2</c>. No call throws when Redis is away, and none takes longer than
/// <see cref="GroupStateOptions.Timeout"/>.
/// </summary>
/// <remarks>
/// A state of another run under the name may be that of a process that died a moment ago, and this one its successor. So it is
/// written over once. Whoever comes back after that lives, and keeps the name; this process goes on to the next free one. Of two that
/// start at the same moment the one that reads the other's state first goes.
/// </remarks>
public sealed partial class InstancePublisher(
    IConnectionMultiplexer redis,
    GroupStateOptions options,
    TimeProvider time,
    ILogger<InstancePublisher> logger)
{
    private const int MaxNames = 100;
    private const int MaxRuns = 1_000;

    private readonly RedisCalls _calls = new(redis, options, time, logger);
    private readonly Guid _run = Guid.NewGuid();
    private readonly HashSet<Guid> _writtenOver = [];
    private volatile string? _name;

    /// <summary>Publishes the state, to stand for <see cref="GroupStateOptions.TimeToLive"/>. One call at a time.</summary>
    /// <returns>Null when Redis took it, else why it did not.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public Task<string?> PublishAsync(InstanceState state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(state);
        return _calls.TryAsync(async database =>
        {
            var name = await FreeNameAsync(database, state.Instance);
            var json = JsonSerializer.SerializeToUtf8Bytes(
                state with { Instance = name, Run = _run, SharedName = name == state.Instance ? null : state.Instance },
                GroupStateJson.Default.InstanceState);
            await Task.WhenAll(
                database.StringSetAsync(GroupKeys.Instance(name), json, options.TimeToLive),
                database.SortedSetAddAsync(GroupKeys.Index, name, time.GetUtcNow().ToUnixTimeMilliseconds()));
            var before = _name;
            _name = name;
            if (before == name)
            {
                return;
            }

            if (name != state.Instance)
            {
                LogShared(logger, state.Instance, name);
            }

            if (before is not null)
            {
                await RemoveAsync(database, before);
            }
        }, cancellationToken);
    }

    /// <summary>Removes the state, at an orderly stop.</summary>
    /// <returns>Null when Redis took it, else why it did not.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<string?> RemoveAsync(CancellationToken cancellationToken) =>
        _name is { } name ? await _calls.TryAsync(database => RemoveAsync(database, name), cancellationToken) : null;

    private async Task RemoveAsync(IDatabase database, string name)
    {
        if (await RunOfAsync(database, name) == _run)
        {
            await Task.WhenAll(database.KeyDeleteAsync(GroupKeys.Instance(name)), database.SortedSetRemoveAsync(GroupKeys.Index, name));
        }
    }

    /// <summary>The instance's name, or the first one beside it that no other living process has.</summary>
    private async Task<string> FreeNameAsync(IDatabase database, string instance)
    {
        for (var i = 1; i < MaxNames; i++)
        {
            var name = i == 1 ? instance : FormattableString.Invariant($"{instance}#{i}");
            if (await RunOfAsync(database, name) is not { } run || run == _run || TryWriteOver(run))
            {
                return name;
            }
        }

        return FormattableString.Invariant($"{instance}#{_run:N}");
    }

    private bool TryWriteOver(Guid run)
    {
        if (_writtenOver.Count >= MaxRuns)
        {
            _writtenOver.Clear();
        }

        return _writtenOver.Add(run);
    }

    /// <summary>Which run published the state under a name; null where there is none, or something else.</summary>
    private static async Task<Guid?> RunOfAsync(IDatabase database, string name)
    {
        try
        {
            var value = await database.StringGetRangeAsync(GroupKeys.Instance(name), 0, PublishedValue.MaxBytes);
            return value.IsNullOrEmpty ? null : PublishedValue.ReadState(name, (byte[])value!).State?.Run;
        }
        catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
        {
            return null;
        }
    }

    [LoggerMessage(2013, LogLevel.Warning, "Another consumer calls itself {Instance} too: live views show this one as {Name}. Give each a Consumer:Instance of its own.")]
    private static partial void LogShared(ILogger logger, string instance, string name);
}
