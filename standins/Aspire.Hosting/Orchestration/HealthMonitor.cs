using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Orchestration;

/// <summary>Asks the health checks of each resource that runs, and says when it is ready for the first time.</summary>
internal sealed class HealthMonitor(
    ResourceNotificationService notifications,
    HealthCheckService checks,
    IDistributedApplicationEventing eventing,
    IServiceProvider services,
    TimeProvider time,
    ILogger<HealthMonitor> logger) : BackgroundService
{
    // The intervals of the package: calm while all is well, then a little slower after each failure.
    private static readonly TimeSpan WhenHealthy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FailureStep = TimeSpan.FromSeconds(1);
    private const int MaxFailureSteps = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Dictionary<string, (DateTime? Start, CancellationTokenSource Stop)> monitored = [];
        try
        {
            await foreach (var change in notifications.WatchAsync(stoppingToken))
            {
                var (name, state) = (change.Resource.Name, change.Snapshot.State?.Text);
                var isKnown = monitored.TryGetValue(name, out var known);
                var runs = state == KnownResourceStates.Running;
                if (isKnown && (!runs || known.Start != change.Snapshot.StartTimeStamp))
                {
                    await known.Stop.CancelAsync();
                    monitored.Remove(name);
                    isKnown = false;
                }

                if (runs && !isKnown)
                {
                    var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                    monitored[name] = (change.Snapshot.StartTimeStamp, stop);
                    _ = MonitorAsync(change.Resource, stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application ends.
        }
    }

    private async Task MonitorAsync(IResource resource, CancellationToken cancellationToken)
    {
        var keys = KeysOf(resource);
        if (keys.Count == 0)
        {
            await BecomeReadyAsync(resource, cancellationToken);
            return;
        }

        var isReady = false;
        var failures = 0;
        try
        {
            while (true)
            {
                var reports = await CheckAsync(keys, cancellationToken);
                await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { HealthReports = reports });
                if (reports.All(report => report.Status == HealthStatus.Healthy))
                {
                    failures = 0;
                    if (!isReady)
                    {
                        isReady = true;
                        await BecomeReadyAsync(resource, cancellationToken);
                    }
                }
                else
                {
                    failures = Math.Min(failures + 1, MaxFailureSteps);
                }

                await Task.Delay(failures == 0 ? WhenHealthy : FailureStep * failures, time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It runs no more.
        }
    }

    private async Task<ImmutableArray<HealthReportSnapshot>> CheckAsync(ImmutableSortedSet<string> keys, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        try
        {
            var report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken);
            return [.. keys.Select(key => report.Entries.TryGetValue(key, out var entry)
                ? new HealthReportSnapshot(key, entry.Status, entry.Description, entry.Exception?.ToString()) { LastRunAt = now }
                : new HealthReportSnapshot(key, HealthStatus.Unhealthy, "No health check of this name is registered.", null) { LastRunAt = now })];
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A check that cannot even be made says nothing for itself.
            return [.. keys.Select(key =>
                new HealthReportSnapshot(key, HealthStatus.Unhealthy, "Error calling HealthCheckService.", e.ToString()) { LastRunAt = now })];
        }
    }

    private async Task BecomeReadyAsync(IResource resource, CancellationToken cancellationToken)
    {
        var told = eventing.PublishAsync(new ResourceReadyEvent(resource, services), cancellationToken);
        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with { ReadyEvent = told });
        _ = told.ContinueWith(
            failed => HostingLog.SubscriberFailed(logger, failed.Exception!, nameof(ResourceReadyEvent), resource.Name),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    // A part of a server is as healthy as the server.
    private static ImmutableSortedSet<string> KeysOf(IResource resource)
    {
        var own = resource.Annotations.OfType<HealthCheckAnnotation>().Select(annotation => annotation.Key);
        return [.. own, .. resource is IResourceWithParent { Parent: var parent } ? KeysOf(parent) : []];
    }
}
