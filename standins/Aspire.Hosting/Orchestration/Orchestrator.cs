using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Takes every resource through its life.</summary>
internal sealed class Orchestrator(
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext context,
    IDistributedApplicationEventing eventing,
    ResourceNotificationService notifications,
    ResourceLoggerService loggers,
    EndpointAllocator allocator,
    ProcessLauncher launcher,
    IServiceProvider services,
    ILogger<DistributedApplication> logger) : IHostedService, IDisposable
{
    // A service may take 30 s to drain and then has to end; a server after it shares what is left of 40 s.
    private static readonly TimeSpan ProjectGrace = TimeSpan.FromSeconds(32);
    private static readonly TimeSpan TotalGrace = TimeSpan.FromSeconds(37);
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan InsistAfter = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<IResource, ManagedProcess> _processes = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task _starts = Task.CompletedTask;
    private Task? _stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        HostingLog.Starting(logger, services.GetAppHostDirectory());

        // Subscribed last: what the application itself does before a resource starts comes before the waiting.
        eventing.Subscribe<BeforeResourceStartedEvent>(WaitForDependenciesAsync);

        var resources = model.Resources.ToList();
        allocator.Reserve(resources);
        foreach (var resource in resources)
        {
            if (resource is ProjectResource or ExecutableResource)
            {
                LifecycleCommands.AddTo(resource, this);
            }

            await notifications.PublishUpdateAsync(resource, snapshot => snapshot with
            {
                ResourceType = TypeOf(resource, snapshot.ResourceType),
                State = resource.HasAnnotationOfType<ExplicitStartupAnnotation>() ? KnownResourceStates.NotStarted : snapshot.State,
                CreationTimeStamp = DateTime.UtcNow,
            });
        }

        foreach (var resource in resources)
        {
            await PrepareAsync(resource, cancellationToken);
        }

        // Not awaited: a resource that waits for another must not keep the application from being stopped.
        _starts = RunAllAsync(resources);
        HostingLog.Started(logger);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _stopped ??= StopAllAsync();
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        foreach (var process in _processes.Values)
        {
            process.Dispose();
        }
    }

    /// <summary>Starts a resource, or hurries one that waits for others.</summary>
    public async Task StartResourceAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (notifications.TryGetCurrentState(resource.Name, out var known) && known.Snapshot.State?.Text == KnownResourceStates.Waiting)
        {
            await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { State = KnownResourceStates.Starting });
            return;
        }

        await ProcessOf(resource).StartAsync(cancellationToken);
    }

    /// <summary>Stops a resource.</summary>
    public Task StopResourceAsync(IResource resource) =>
        ProcessOf(resource).StopAsync(resource is ProjectResource ? ProjectGrace : TotalGrace, InsistAfterFor(resource));

    private static string TypeOf(IResource resource, string known) => resource switch
    {
        ProjectResource => "Project",
        ExecutableResource => "Executable",
        _ when resource.IsContainer() => "Container",
        _ => known,
    };

    private static TimeSpan? InsistAfterFor(IResource resource) => resource is ProjectResource ? null : InsistAfter;

    private ManagedProcess ProcessOf(IResource resource) =>
        _processes.GetOrAdd(resource, _ => new(resource, launcher, notifications, eventing, loggers, services, _stopping.Token));

    private async Task WaitForDependenciesAsync(BeforeResourceStartedEvent starting, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        var waiting = notifications.WaitForDependenciesAsync(starting.Resource, either.Token);
        if (!waiting.IsCompletedSuccessfully)
        {
            // The start command takes a resource out of the waiting state.
            var hurried = notifications.WaitForResourceAsync(
                starting.Resource.Name, change => change.Snapshot.State?.Text != KnownResourceStates.Waiting, either.Token);
            await await Task.WhenAny(waiting, hurried);
            await either.CancelAsync();
        }
    }

    private async Task PrepareAsync(IResource resource, CancellationToken cancellationToken)
    {
        if (resource is not (ProjectResource or ExecutableResource))
        {
            return;
        }

        try
        {
            allocator.Allocate(resource);
        }
        catch (DistributedApplicationException e)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                endpoint.AllAllocatedEndpoints.For(endpoint.DefaultNetworkID).SetException(e);
            }

            return;
        }

        await ResourceUrls.PublishAsync(resource, context, notifications, loggers, cancellationToken);
        await eventing.PublishAsync(new ResourceEndpointsAllocatedEvent(resource, services), cancellationToken);
    }

    private async Task RunAllAsync(List<IResource> resources)
    {
        await Task.WhenAll(resources.Select(RunAsync));
        if (!_stopping.IsCancellationRequested)
        {
            await eventing.PublishAsync(new AfterResourcesCreatedEvent(services, model), _stopping.Token);
        }
    }

    private async Task RunAsync(IResource resource)
    {
        try
        {
            await eventing.PublishAsync(
                new InitializeResourceEvent(resource, eventing, loggers, notifications, services), _stopping.Token);
            if (resource is ProjectResource or ExecutableResource)
            {
                if (resource is IResourceWithConnectionString)
                {
                    await eventing.PublishAsync(new ConnectionStringAvailableEvent(resource, services), _stopping.Token);
                }

                if (!resource.HasAnnotationOfType<ExplicitStartupAnnotation>())
                {
                    await ProcessOf(resource).StartAsync(_stopping.Token);
                }
            }
            else if (resource is ParameterResource parameter)
            {
                await RunParameterAsync(parameter);
            }
            else if (resource.IsContainer() || resource is IResourceWithParent { Parent: ContainerResource })
            {
                await RefuseContainerAsync(resource);
            }
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            HostingLog.FailedToStart(loggers.GetLogger(resource), e, resource.Name);
            await notifications.PublishUpdateAsync(
                resource, snapshot => snapshot with { State = KnownResourceStates.FailedToStart, Reason = e.Message });
        }
        catch (OperationCanceledException)
        {
            // The application ends before the resource had started.
        }
    }

    private async Task RunParameterAsync(ParameterResource parameter)
    {
        try
        {
            await parameter.GetValueAsync(_stopping.Token);
            await notifications.PublishUpdateAsync(parameter, snapshot => snapshot with { State = KnownResourceStates.Running });
        }
        catch (MissingParameterValueException e)
        {
            await notifications.PublishUpdateAsync(
                parameter, snapshot => snapshot with { State = KnownResourceStates.ValueMissing, Reason = e.Message });
        }
    }

    private async Task RefuseContainerAsync(IResource resource)
    {
        const string Reason = "Containers cannot run here: the Aspire packages are not on this machine's feed and a stand-in is in their place, which runs processes alone. "
            + "Restore from a feed that has the packages, with a container runtime (Docker or Podman) installed, or choose infrastructure that needs no containers.";
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            var allocation = endpoint.AllAllocatedEndpoints.For(endpoint.DefaultNetworkID);
            if (!allocation.IsValueSet)
            {
                allocation.SetException(new DistributedApplicationException($"The container '{resource.Name}' does not run. {Reason}"));
            }
        }

        loggers.Write(resource.Name, Reason, isError: true);
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with
        {
            State = new(KnownResourceStates.RuntimeUnhealthy, KnownResourceStateStyles.Error),
            Reason = Reason,
        });
    }

    private async Task StopAllAsync()
    {
        await _stopping.CancelAsync();
        var began = TimeProvider.System.GetTimestamp();
        ShutdownOrder order = new([.. model.Resources]);
        await order.StopAsync(model.Resources.ToList(), async resource =>
        {
            if (_processes.TryGetValue(resource, out var process))
            {
                var left = TotalGrace - TimeProvider.System.GetElapsedTime(began);
                var grace = resource is ProjectResource && ProjectGrace < left ? ProjectGrace : left;
                await process.StopAsync(grace > LeastGrace ? grace : LeastGrace, InsistAfterFor(resource));
            }
        });
        await _starts;
    }
}
