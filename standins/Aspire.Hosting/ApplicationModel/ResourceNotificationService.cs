using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows how each resource stands, and tells who wants to know.</summary>
public class ResourceNotificationService : IDisposable
{
    private readonly ConcurrentDictionary<string, ResourceEvent> _current = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly CancellationTokenSource _disposing = new();
    private readonly ResourceLoggerService _loggers;
    private readonly WaitBehavior _defaultWaitBehavior;

    /// <summary>Made by the application.</summary>
    public ResourceNotificationService(
        ILogger<ResourceNotificationService> logger,
        IHostApplicationLifetime hostApplicationLifetime,
        IServiceProvider serviceProvider,
        ResourceLoggerService resourceLoggerService)
    {
        _ = logger;
        _ = hostApplicationLifetime;
        _loggers = resourceLoggerService;
        _defaultWaitBehavior = serviceProvider.GetService<IOptions<ResourceNotificationServiceOptions>>()?.Value.DefaultWaitBehavior
            ?? WaitBehavior.StopOnResourceUnavailable;
    }

    /// <summary>How a resource stands, by its name.</summary>
    public bool TryGetCurrentState(string resourceId, [NotNullWhen(true)] out ResourceEvent? resourceEvent) =>
        _current.TryGetValue(resourceId, out resourceEvent);

    /// <summary>Changes how a resource stands and tells who watches.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory) =>
        PublishUpdateAsync(resource, resource.Name, stateFactory);

    /// <inheritdoc cref="PublishUpdateAsync(IResource, Func{CustomResourceSnapshot, CustomResourceSnapshot})"/>
    public Task PublishUpdateAsync(IResource resource, string resourceId, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var before = _current.TryGetValue(resourceId, out var known) ? known.Snapshot : Initial(resource);
            ResourceEvent change = new(resource, resourceId, stateFactory(before));
            _current[resourceId] = change;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(change);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>How every resource stands, then every change.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Bounded by the changes between two reads of a reader that only compares.
        var channel = Channel.CreateUnbounded<ResourceEvent>(new() { SingleReader = true });
        lock (_gate)
        {
            foreach (var known in _current.Values)
            {
                channel.Writer.TryWrite(known);
            }

            _watchers.Add(channel);
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
            await foreach (var change in channel.Reader.ReadAllAsync(either.Token))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(channel);
            }
        }
    }

    /// <summary>Waits until a resource is in a state; by default, until it runs.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [string.IsNullOrEmpty(targetState) ? KnownResourceStates.Running : targetState], cancellationToken);

    /// <summary>Waits until a resource is in one of the states, and says in which.</summary>
    public async Task<string> WaitForResourceAsync(
        string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var states = targetStates.ToList();
        var reached = await WaitAsync(
            resourceName,
            change => change.Snapshot.State?.Text is { } state && states.Contains(state, StringComparer.OrdinalIgnoreCase),
            $"Resource '{resourceName}' failed to reach one of the target states: [{string.Join(", ", states)}] before the operation was cancelled.",
            cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until a resource stands as asked.</summary>
    public Task<ResourceEvent> WaitForResourceAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default) =>
        WaitAsync(
            resourceName,
            predicate,
            $"Resource '{resourceName}' failed to meet the predicate before the operation was cancelled.",
            cancellationToken);

    /// <summary>Waits until a resource is healthy and ready.</summary>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, _defaultWaitBehavior, cancellationToken);

    /// <summary>Waits until a resource is healthy and ready.</summary>
    /// <exception cref="DistributedApplicationException">It cannot run, and <paramref name="waitBehavior"/> says to stop then.</exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(
        string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var message = $"Resource '{resourceName}' failed to become healthy before the operation was cancelled.";
        var reached = await WaitAsync(
            resourceName,
            change => change.Snapshot.HealthStatus == HealthStatus.Healthy
                || (waitBehavior == WaitBehavior.StopOnResourceUnavailable && IsUnavailable(change.Snapshot)),
            message,
            cancellationToken);
        if (reached.Snapshot.HealthStatus != HealthStatus.Healthy)
        {
            throw new DistributedApplicationException(
                $"Stopped waiting for resource '{resourceName}' to become healthy because it failed to start.");
        }

        reached = await WaitAsync(resourceName, change => change.Snapshot.ReadyEvent is not null, message, cancellationToken);
        await reached.Snapshot.ReadyEvent!.WaitAsync(cancellationToken);
        return reached;
    }

    /// <summary>Waits for everything that a resource has to wait for before it starts.</summary>
    /// <exception cref="DistributedApplicationException">Something of it cannot run.</exception>
    public async Task WaitForDependenciesAsync(IResource resource, CancellationToken cancellationToken)
    {
        var waits = resource.Annotations.OfType<WaitAnnotation>().DistinctBy(wait => (wait.Resource, wait.WaitType)).ToList();
        if (waits.Count == 0)
        {
            return;
        }

        await PublishUpdateAsync(resource, snapshot => snapshot with { State = KnownResourceStates.Waiting });
        await Task.WhenAll(waits.Select(wait => WaitForAsync(resource, wait, cancellationToken)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposing.Cancel();
        GC.SuppressFinalize(this);
    }

    private static CustomResourceSnapshot Initial(IResource resource) =>
        resource.Annotations.OfType<ResourceSnapshotAnnotation>().LastOrDefault()?.InitialSnapshot ?? new()
        {
            ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal),
            Properties = [],
            Relationships = [.. resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(
                relationship => new RelationshipSnapshot(relationship.Resource.Name, relationship.Type))],
        };

    private static bool IsUnavailable(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state
        && (KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.RuntimeUnhealthy);

    private async Task WaitForAsync(IResource resource, WaitAnnotation wait, CancellationToken cancellationToken)
    {
        var log = _loggers.GetLogger(resource);
        var name = wait.Resource.Name;
        var behavior = wait.WaitBehavior ?? _defaultWaitBehavior;
        var message = $"Resource '{name}' failed to become available before the operation was cancelled.";
        HostingLog.Waiting(log, name, wait.WaitType);

        if (wait.WaitType == WaitType.WaitForCompletion)
        {
            var ended = (await WaitAsync(
                name,
                change => KnownResourceStates.TerminalStates.Contains(change.Snapshot.State?.Text) || change.Snapshot.ExitCode is not null,
                message,
                cancellationToken)).Snapshot;
            if (ended.State?.Text == KnownResourceStates.FailedToStart)
            {
                throw Stopped("it failed to start.");
            }

            if (ended.ExitCode is { } exitCode && exitCode != wait.ExitCode)
            {
                throw Stopped($"it entered the '{ended.State?.Text}' state with exit code '{exitCode}', expected '{wait.ExitCode}'.");
            }
        }
        else
        {
            var reached = (await WaitAsync(
                name,
                change => change.Snapshot.State?.Text == KnownResourceStates.Running
                    || (behavior == WaitBehavior.StopOnResourceUnavailable && IsUnavailable(change.Snapshot)),
                message,
                cancellationToken)).Snapshot;
            if (reached.State?.Text != KnownResourceStates.Running)
            {
                throw Stopped($"it entered the '{reached.State?.Text}' state.");
            }

            if (wait.WaitType == WaitType.WaitUntilHealthy)
            {
                await WaitForResourceHealthyAsync(name, behavior, cancellationToken);
            }
        }

        HostingLog.Waited(log, name);

        DistributedApplicationException Stopped(string why) =>
            new($"Resource '{resource.Name}' stopped waiting for dependency resource '{name}' because {why}");
    }

    private async Task<ResourceEvent> WaitAsync(
        string resourceName, Func<ResourceEvent, bool> predicate, string cancelledMessage, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in WatchAsync(cancellationToken))
            {
                if (string.Equals(change.Resource.Name, resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
                {
                    return change;
                }
            }
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException($"{cancelledMessage} {Describe(resourceName)}", e, cancellationToken);
        }

        throw new OperationCanceledException($"{cancelledMessage} {Describe(resourceName)}");
    }

    private string Describe(string resourceName)
    {
        if (!TryGetCurrentState(resourceName, out var known))
        {
            return $"There is no state of resource '{resourceName}'.";
        }

        var reports = known.Snapshot.HealthReports.Select(
            report => $"{report.Name} {report.Status?.ToString() ?? "unknown"} {report.Description} {report.ExceptionText?.Split('\n')[0]}".TrimEnd());
        return $"Current state: {known.Snapshot.State?.Text ?? "none"}, exit code: {known.Snapshot.ExitCode?.ToString() ?? "none"}, "
            + $"health: {known.Snapshot.HealthStatus?.ToString() ?? "none"} [{string.Join("; ", reports)}]";
    }
}

/// <summary>How waiting behaves where nothing else is said.</summary>
public sealed class ResourceNotificationServiceOptions
{
    /// <summary>What to do when the resource that is waited for cannot run.</summary>
    public WaitBehavior DefaultWaitBehavior { get; set; }
}
