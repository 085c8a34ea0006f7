using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Logs the progress of the start, and when everything is healthy.</summary>
internal sealed partial class StartReport(
    ResourceNotificationService notifications, IConfiguration configuration, TimeProvider time, ILogger<StartReport> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Logs until everything is healthy or the application stops.</summary>
    /// <param name="awaited">The names of the resources that are waited for.</param>
    /// <param name="stoppingToken">The application stops.</param>
    public async Task RunAsync(IReadOnlyList<string> awaited, CancellationToken stoppingToken)
    {
        var begin = time.GetTimestamp();
        var all = Task.WhenAll(awaited.Select(name =>
            notifications.WaitForResourceHealthyAsync(name, WaitBehavior.WaitOnResourceUnavailable, stoppingToken)));
        try
        {
            while (await Task.WhenAny(all, Task.Delay(Interval, time, stoppingToken)) != all)
            {
                stoppingToken.ThrowIfCancellationRequested();
                var waiting = awaited.Select(Describe).OfType<string>().ToList();
                if (waiting.Count > 0)
                {
                    LogWaiting(time.GetElapsedTime(begin).TotalSeconds, awaited.Count - waiting.Count, awaited.Count, string.Join("; ", waiting));
                }
            }

            await all;
            LogReady(time.GetElapsedTime(begin).TotalSeconds, awaited.Count, Url("gateway") ?? "not running", DashboardAddress.LoginUrl(configuration) ?? "not running");
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The application stops before it was ready.
        }
        catch (Exception e)
        {
            // Nothing awaits this; the application goes on without its report, and says why.
            LogFailed(e);
        }
    }

    /// <summary>Whether the application is ready only when this resource is.</summary>
    public static bool IsAwaited(IResource resource) =>
        resource is ProjectResource or ExecutableResource or ContainerResource or (IResourceWithConnectionString and not ConnectionStringResource and not ParameterResource)
        && !resource.IsAddedByAspire()
        && !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any();

    // Null when there is nothing to wait for.
    private string? Describe(string resource)
    {
        if (!notifications.TryGetCurrentState(resource, out var current))
        {
            return $"{resource} (not started)";
        }

        var snapshot = current.Snapshot;
        if (snapshot.State?.Text == KnownResourceStates.Running && snapshot.HealthStatus is HealthStatus.Healthy)
        {
            return null;
        }

        var report = snapshot.HealthReports.FirstOrDefault(report => report.Status is not (null or HealthStatus.Healthy))?.Description;
        return $"{resource} ({snapshot.State?.Text ?? "not started"}{(report is null ? "" : $": {report}")})";
    }

    private string? Url(string resource) =>
        notifications.TryGetCurrentState(resource, out var current) ? current.Snapshot.Urls.FirstOrDefault(url => url is { IsInternal: false, Name: "http" })?.Url : null;

    [LoggerMessage(1, LogLevel.Information, "{Seconds:F0} s: {Healthy} of {All} resources are healthy; waiting for {Waiting}")]
    private partial void LogWaiting(double seconds, int healthy, int all, string waiting);

    [LoggerMessage(2, LogLevel.Information, "Ready after {Seconds:F1} s: all {All} resources are healthy. Gateway: {Gateway}  Dashboard: {Dashboard}")]
    private partial void LogReady(double seconds, int all, string gateway, string dashboard);

    [LoggerMessage(3, LogLevel.Warning, "The progress of the start is no longer reported.")]
    private partial void LogFailed(Exception exception);
}

/// <summary>Adds <see cref="StartReport"/>.</summary>
internal static class StartReportExtensions
{
    /// <summary>Says at once where the dashboard will be, and then the progress of the start.</summary>
    public static void AddStartReport(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        if (!builder.ExecutionContext.IsRunMode)
        {
            return;
        }

        if (!settings.CheckOnly && DashboardAddress.LoginUrl(builder.Configuration) is { } url)
        {
            Console.WriteLine($"Dashboard: {url}");
        }

        builder.RunFromStart<StartReport>((report, start) =>
        {
            var awaited = start.Model.Resources.Where(StartReport.IsAwaited).Select(resource => resource.Name).ToList();
            return stopping => report.RunAsync(awaited, stopping);
        });
    }
}
