using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// Calls Redis with a deadline, and turns every failure into an answer: nothing that processes events may depend on Redis.
/// </summary>
/// <remarks>A failure is logged when it begins and when its cause changes. Calls that can fail for reasons of their own, such
/// as another key, need an object of their own: the success of one must not pass for the end of the other's failure.</remarks>
internal sealed partial class RedisCalls(IConnectionMultiplexer redis, GroupStateOptions options, TimeProvider time, ILogger logger)
{
    private const int LongestCode = 32;

    private volatile string? _problem;

    /// <returns>Null when the call went well, else why it did not.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<string?> TryAsync(Func<IDatabase, Task> call, CancellationToken cancellationToken) =>
        (await TryReadAsync(
            async database =>
            {
                await call(database);
                return true;
            },
            cancellationToken)).Problem;

    /// <returns>What was read; or the default, and why there is no more.</returns>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<(T? Value, string? Problem)> TryReadAsync<T>(Func<IDatabase, Task<T>> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string problem;
        string? own = null;
        try
        {
            if (redis.IsConnected)
            {
                var value = await call(redis.GetDatabase()).WaitAsync(options.Timeout, time, cancellationToken);
                if (Interlocked.Exchange(ref _problem, null) is not null)
                {
                    LogReachable(logger);
                }

                return (value, null);
            }

            // The client would queue the command until its own, longer timeout. It tries to connect, and does not say what became of it.
            problem = "Redis does not answer, or refuses the password: not connected";
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            problem = Describe(e);
            own = e is RedisServerException ? e.Message : null;
        }

        if (Interlocked.Exchange(ref _problem, problem) != problem)
        {
            LogProblem(logger, own is null ? problem : $"{problem} ({own})");
        }

        return (default, problem);
    }

    /// <summary>Why a call failed, in a sentence.</summary>
    public string Describe(Exception failure) => failure switch
    {
        TimeoutException => $"Redis did not answer within {options.Timeout.TotalSeconds:0.###} s",
        RedisServerException refusal => $"Redis refuses: {CodeOf(refusal.Message)}",
        // The client's own messages carry a page of thread-pool statistics after the first sentence.
        _ => $"Redis does not answer: {failure.GetType().Name}",
    };

    /// <summary>The first word of a refusal is its code; what follows may hold keys, users and settings.</summary>
    private static string CodeOf(string refusal)
    {
        var word = refusal.Split(' ', '\n', '\r')[0];
        return word.Length is > 0 and <= LongestCode && word.All(char.IsAsciiLetterUpper) ? word : "ERR";
    }

    [LoggerMessage(2011, LogLevel.Warning, "{Problem}. Processing goes on; live views are incomplete until it is back.")]
    private static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(2012, LogLevel.Information, "Redis answers again")]
    private static partial void LogReachable(ILogger logger);
}
