using System.Collections.Concurrent;
using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>
/// Starts services again that exit by themselves; one that was told to stop stays stopped, and so does one that cannot start as
/// things are: what it said last is told then.
/// </summary>
internal sealed partial class RestartPolicy(
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    ResourceLoggerService logs,
    IntendedStops intendedStops,
    TimeProvider time,
    ILogger<RestartPolicy> logger)
{
    private static readonly TimeSpan LogPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LogInterval = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, ServiceRun> _runs = new(StringComparer.Ordinal);

    /// <summary>Follows the services until the application stops.</summary>
    public Task RunAsync(CancellationToken stoppingToken) => notifications.FollowAsync(
        change =>
        {
            if (change.Snapshot.State?.Text == KnownResourceStates.Starting)
            {
                intendedStops.Remove(change.Resource.Name);
            }

            if (change.Resource.Annotations.OfType<RestartOnExitAnnotation>().Any())
            {
                Follow(change, stoppingToken);
            }

            return Task.CompletedTask;
        },
        stoppingToken);

    private void Follow(ResourceEvent change, CancellationToken stoppingToken)
    {
        var run = _runs.GetOrAdd(change.ResourceId, static _ => new ServiceRun());
        var state = change.Snapshot.State?.Text;
        if (state == KnownResourceStates.Starting || state == KnownResourceStates.Running || state == KnownResourceStates.Stopping)
        {
            run.IsToldToStop = state == KnownResourceStates.Stopping;
            run.IsDown = false;
            run.Started = state == KnownResourceStates.Running ? run.Started ?? time.GetTimestamp() : null;
        }
        else if (KnownResourceStates.TerminalStates.Contains(state) && !intendedStops.Contains(change.Resource.Name) && !run.IsToldToStop && !run.IsDown)
        {
            // A start that failed has not run at all.
            var ran = run.Started is { } started ? time.GetElapsedTime(started) : TimeSpan.Zero;
            run.IsDown = true;
            run.Started = null;
            if (ServiceExit.WhyNotAgain(change.Snapshot.ExitCode) is { } reason)
            {
                _ = TellAsync(change, reason, stoppingToken);
                return;
            }

            var delay = run.Backoff.Next(ran);
            LogExit(change.Resource.Name, change.Snapshot.ExitCode, ran.TotalSeconds, delay.TotalSeconds);
            _ = StartAgainAsync(change, run, delay, stoppingToken);
        }
    }

    private async Task TellAsync(ResourceEvent exit, string reason, CancellationToken stoppingToken)
    {
        string words;
        try
        {
            words = await LastWordsAsync(exit.ResourceId, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Nothing awaits this task, and what it has to tell stands without them.
            words = $"(its log cannot be read: {e.Message})";
        }
        catch (OperationCanceledException)
        {
            return;
        }

        LogWillNotStart(exit.Resource.Name, exit.Snapshot.ExitCode, reason, words);
    }

    private async Task StartAgainAsync(ResourceEvent exit, ServiceRun run, TimeSpan delay, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(delay, time, stoppingToken);
            if (!run.IsDown || intendedStops.Contains(exit.Resource.Name))
            {
                return; // started by a command meanwhile, or stopped on purpose
            }

            var result = await commands.ExecuteCommandAsync(exit.Resource, KnownResourceCommands.StartCommand, stoppingToken);
            if (!result.Success)
            {
                LogStartFailed(exit.Resource.Name, result.Message);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            // Nothing awaits this task, so its error is logged here.
            LogStartThrew(e, exit.Resource.Name);
        }
    }

    /// <summary>
    /// The orchestrator has a process's lines a little later than its end, and some later than others: a service that gives up says
    /// why in a critical line, so that is waited for, and taken is what came if none does.
    /// </summary>
    private async Task<string> LastWordsAsync(string resourceId, CancellationToken stoppingToken)
    {
        var said = new LastWords("", false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(LogPatience);
        try
        {
            while (true)
            {
                var lines = new List<string>();
                await foreach (var page in logs.GetAllAsync(resourceId).WithCancellation(patience.Token))
                {
                    lines.AddRange(page.Select(line => line.Content));
                }

                var before = said;
                said = LastWords.Of(lines);
                if (said.IsCritical && said == before)
                {
                    return said.Text;
                }

                await Task.Delay(LogInterval, time, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return said.Text.Length > 0 ? said.Text : "nothing";
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Resource} exited by itself with code {ExitCode} after {Ran:F1} s; it is started again in {Delay:F0} s.")]
    private partial void LogExit(string resource, int? exitCode, double ran, double delay);

    [LoggerMessage(4, LogLevel.Error, "{Resource} will not start and is not tried again: it exited with code {ExitCode}, {Reason}. It said: {LastWords}")]
    private partial void LogWillNotStart(string resource, int? exitCode, string reason, string lastWords);

    [LoggerMessage(2, LogLevel.Error, "{Resource} could not be started again: {Reason}")]
    private partial void LogStartFailed(string resource, string? reason);

    [LoggerMessage(3, LogLevel.Error, "{Resource} could not be started again.")]
    private partial void LogStartThrew(Exception exception, string resource);

    /// <summary>What is known of one service. Only the loop that follows the states changes it.</summary>
    private sealed class ServiceRun
    {
        private volatile bool _isDown;

        public RestartBackoff Backoff { get; } = new();

        /// <summary>When it began to run; null while it does not.</summary>
        public long? Started { get; set; }

        public bool IsToldToStop { get; set; }

        /// <summary>Exited by itself, and not started since. Read by the task that starts it again, too.</summary>
        public bool IsDown
        {
            get => _isDown;
            set => _isDown = value;
        }
    }
}
