using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;

namespace Aspire.Hosting.Orchestration;

/// <summary>A resource that is a process: started, watched, stopped, and started again on command.</summary>
internal sealed class ManagedProcess(
    IResource resource,
    ProcessLauncher launcher,
    ResourceNotificationService notifications,
    IDistributedApplicationEventing eventing,
    ResourceLoggerService loggers,
    IServiceProvider services,
    CancellationToken applicationStopping) : IDisposable
{
    // One start or stop at a time; a stop first cancels a start that is still waiting.
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Lock _startLock = new();
    private CancellationTokenSource? _starting;
    private ChildProcess? _process;
    private Task _watch = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        using var starting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, applicationStopping);
        lock (_startLock)
        {
            _starting = starting;
        }

        try
        {
            if (_process is null)
            {
                await StartCoreAsync(starting.Token);
            }
        }
        catch (OperationCanceledException) when (starting.IsCancellationRequested)
        {
            await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.NotStarted });
        }
        catch (Exception e)
        {
            HostingLog.FailedToStart(loggers.GetLogger(resource), e, resource.Name);
            await PublishAsync(snapshot => snapshot with
            {
                State = new(KnownResourceStates.FailedToStart, KnownResourceStateStyles.Error),
                Reason = e.Message,
            });
        }
        finally
        {
            lock (_startLock)
            {
                _starting = null;
            }

            _gate.Release();
        }
    }

    public async Task StopAsync(TimeSpan grace, TimeSpan? insistAfter)
    {
        lock (_startLock)
        {
            _starting?.Cancel();
        }

        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_process is { Exit.IsCompleted: false } process)
            {
                await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.Stopping });
                if (!await process.StopAsync(grace, insistAfter))
                {
                    HostingLog.Killed(loggers.GetLogger(resource), resource.Name, (int)grace.TotalSeconds);
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        await _watch;
    }

    public void Dispose() => _gate.Dispose();

    private async Task StartCoreAsync(CancellationToken cancellationToken)
    {
        await PublishAsync(snapshot => snapshot with
        {
            State = KnownResourceStates.Starting,
            ExitCode = null,
            StopTimeStamp = null,
            ReadyEvent = null,
            Reason = null,
            HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>()
                .Select(check => new HealthReportSnapshot(check.Key, null, null, null))],
        });
        await eventing.PublishAsync(new BeforeResourceStartedEvent(resource, services), cancellationToken);
        await PublishAsync(snapshot => snapshot with { State = KnownResourceStates.Starting });

        var (process, environment) = await launcher.StartAsync(resource, cancellationToken);
        _process = process;
        await PublishAsync(snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            StartTimeStamp = DateTime.UtcNow,
            EnvironmentVariables = [.. environment.Select(variable => new EnvironmentVariableSnapshot(variable.Key, variable.Value, true))],
            Properties = [.. snapshot.Properties.Where(property => property.Name != "executable.pid"), new("executable.pid", process.Id)],
            Urls = Activate(snapshot.Urls, active: true),
        });
        _watch = WatchAsync(process);
    }

    private async Task WatchAsync(ChildProcess process)
    {
        var exitCode = await process.Exit;
        _process = null;
        await PublishAsync(snapshot => snapshot with
        {
            State = new(KnownResourceStates.Finished, exitCode == 0 ? null : KnownResourceStateStyles.Warn),
            ExitCode = exitCode,
            StopTimeStamp = DateTime.UtcNow,
            Urls = Activate(snapshot.Urls, active: false),
        });
        if (!notifications.TryGetCurrentState(resource.Name, out var ended))
        {
            return;
        }

        try
        {
            await eventing.PublishAsync(
                new ResourceStoppedEvent(resource, services, ended), EventDispatchBehavior.NonBlockingSequential, CancellationToken.None);
        }
        catch (Exception e)
        {
            HostingLog.SubscriberFailed(loggers.GetLogger(resource), e, nameof(ResourceStoppedEvent), resource.Name);
        }
    }

    private static ImmutableArray<UrlSnapshot> Activate(ImmutableArray<UrlSnapshot> urls, bool active) =>
        [.. urls.Select(url => url with { IsInactive = !active })];

    private Task PublishAsync(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) =>
        notifications.PublishUpdateAsync(resource, change);
}
