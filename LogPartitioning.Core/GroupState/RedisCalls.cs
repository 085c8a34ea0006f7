using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>Calls Redis with a deadline, and turns a failure into an answer: nothing that processes events may depend on Redis.</summary>
internal sealed partial class RedisCalls(IConnectionMultiplexer redis, GroupStateOptions options, TimeProvider time, ILogger logger)
{
    private int _unreachable;

    public async Task<bool> TryAsync(Func<IDatabase, Task> call, CancellationToken cancellationToken) =>
        await TryReadAsync(call, cancellationToken) is null;

    /// <returns>Null when the call went well, else why it did not.</returns>
    public async Task<string?> TryReadAsync(Func<IDatabase, Task> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string problem;
        try
        {
            if (redis.IsConnected)
            {
                await call(redis.GetDatabase()).WaitAsync(options.Timeout, time, cancellationToken);
                if (Interlocked.Exchange(ref _unreachable, 0) == 1)
                {
                    LogReachable(logger);
                }

                return null;
            }

            // The client would queue the command until its own, longer timeout.
            problem = "Redis does not answer: not connected";
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // The client's messages carry a page of thread-pool statistics after the first sentence.
            problem = e is TimeoutException
                ? $"Redis did not answer within {options.Timeout.TotalSeconds:0.###} s"
                : $"Redis does not answer: {e.GetType().Name}";
        }

        if (Interlocked.Exchange(ref _unreachable, 1) == 0)
        {
            LogUnreachable(logger, problem);
        }

        return problem;
    }

    [LoggerMessage(2011, LogLevel.Warning, "{Problem}. Processing goes on; live views are incomplete until it is back.")]
    private static partial void LogUnreachable(ILogger logger, string problem);

    [LoggerMessage(2012, LogLevel.Information, "Redis answers again")]
    private static partial void LogReachable(ILogger logger);
}
