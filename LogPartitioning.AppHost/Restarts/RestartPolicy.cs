using System.Collections.Concurrent;
using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>Starts services again that exit by themselves; one that was told to stop stays stopped.</summary>
internal sealed partial class RestartPolicy(
    ResourceNotificationService notifications,
    ResourceCommandService commands,
    IntendedStops intendedStops,
    TimeProvider time,
    ILogger<RestartPolicy> logger)
{
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
        if (state == KnownResourceStates.Stopping)
        {
            run.Stopping();
        }
        else if (state == KnownResourceStates.Starting)
        {
            run.Starting();
        }
        else if (state == KnownResourceStates.Running)
        {
            run.Running(time.GetTimestamp());
        }
        else if (KnownResourceStates.TerminalStates.Contains(state) && !intendedStops.Contains(change.Resource.Name) && run.TryTakeExit(out var started))
        {
            var ran = started is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
            var delay = run.Backoff.Next(ran);
            LogExit(change.Resource.Name, change.Snapshot.ExitCode, ran.TotalSeconds, delay.TotalSeconds);
            _ = StartAgainAsync(change, run, delay, stoppingToken);
        }
    }

    private async Task StartAgainAsync(ResourceEvent exit, ServiceRun run, TimeSpan delay, CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(delay, time, stoppingToken);
            if (!run.IsDown || intendedStops.Contains(exit.Resource.Name))
            {
                return; // somebody started it meanwhile, or wants it down
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
            // Nobody awaits this task; an error must not go unseen.
            LogStartThrew(e, exit.Resource.Name);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Resource} exited by itself with code {ExitCode} after {Ran:F1} s; it is started again in {Delay:F0} s.")]
    private partial void LogExit(string resource, int? exitCode, double ran, double delay);

    [LoggerMessage(2, LogLevel.Error, "{Resource} could not be started again: {Reason}")]
    private partial void LogStartFailed(string resource, string? reason);

    [LoggerMessage(3, LogLevel.Error, "{Resource} could not be started again.")]
    private partial void LogStartThrew(Exception exception, string resource);

    /// <summary>What is known of one service. Only the loop that follows the states changes it.</summary>
    private sealed class ServiceRun
    {
        private long? _started;
        private bool _toldToStop;
        private volatile bool _down;

        public RestartBackoff Backoff { get; } = new();

        /// <summary>Exited by itself, and not started since.</summary>
        public bool IsDown => _down;

        public void Starting()
        {
            _toldToStop = false;
            _down = false;
            _started = null;
        }

        public void Running(long timestamp)
        {
            _toldToStop = false;
            _down = false;
            _started ??= timestamp;
        }

        public void Stopping()
        {
            _toldToStop = true;
            _started = null;
            _down = false;
        }

        /// <summary>True once for each exit that was not intended.</summary>
        /// <param name="started">When the run began; null for a start that failed.</param>
        public bool TryTakeExit(out long? started)
        {
            started = _started;
            if (_toldToStop || _down)
            {
                return false;
            }

            _started = null;
            _down = true;
            return true;
        }
    }
}
