using Microsoft.Extensions.Logging;

namespace LogPartitioning.Core;

/// <summary>
/// Background work of a service that no failure ends: a background service that throws stops its whole process. What
/// fails is tried again after growing waits, and a cause that returns is not logged again before <see cref="Silence"/> is over.
/// </summary>
/// <param name="work">What is done, for the log: "Reading the group".</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="logger">Where failures are told.</param>
/// <param name="backoff">The waits after failures; null is 1 to 10 s.</param>
public sealed partial class SteadyLoop(string work, TimeProvider time, ILogger logger, Backoff? backoff = null)
{
    /// <summary>How long a cause that was logged is not logged again.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private const int MaxCauses = 100;
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> _logged = [];
    private readonly Backoff _backoff = backoff ?? new(s_firstWait, s_longestWait);
    private bool _told;

    /// <summary>Does the work at once and then every <paramref name="interval"/>, until cancelled. Never throws.</summary>
    public async Task EveryAsync(TimeSpan interval, Func<CancellationToken, Task> once, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(once);
        using var timer = new PeriodicTimer(interval, time);
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryAsync(once, cancellationToken))
            {
                Succeeded();
                await Ended(timer.WaitForNextTickAsync(cancellationToken).AsTask());
            }
            else
            {
                await Ended(Task.Delay(_backoff.Next(), time, cancellationToken));
            }
        }
    }

    /// <summary>Does the work until it ends by itself, or is cancelled. Never throws.</summary>
    public async Task UntilDoneAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = time.GetTimestamp();
            if (await TryAsync(work, cancellationToken))
            {
                return;
            }

            if (time.GetElapsedTime(started) > s_longestWait)
            {
                // It ran for a while: this is another failure, not the same one again.
                _backoff.Reset();
            }

            await Ended(Task.Delay(_backoff.Next(), time, cancellationToken));
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> once, CancellationToken cancellationToken)
    {
        try
        {
            await once(cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        // The edge of a background service: whatever it is, the service goes on.
        catch (Exception e)
        {
            Tell(e);
            return false;
        }
    }

    private void Tell(Exception failure)
    {
        // The same failure a second later has other figures in its message.
        var cause = $"{failure.GetType()}: {string.Concat(failure.Message.Where(c => !char.IsAsciiDigit(c)))}";
        if (_logged.TryGetValue(cause, out var at) && time.GetElapsedTime(at) < Silence)
        {
            return;
        }

        if (_logged.Count >= MaxCauses)
        {
            _logged.Clear();
        }

        _logged[cause] = time.GetTimestamp();
        _told = true;
        LogFailed(logger, failure, work);
    }

    private void Succeeded()
    {
        _backoff.Reset();
        if (_told)
        {
            _told = false;
            LogWorksAgain(logger, work);
        }
    }

    private static async Task Ended(Task wait) => await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(2301, LogLevel.Error, "{Work} failed. The service goes on, and tries it again.")]
    private static partial void LogFailed(ILogger logger, Exception failure, string work);

    [LoggerMessage(2302, LogLevel.Information, "{Work} works again")]
    private static partial void LogWorksAgain(ILogger logger, string work);
}
