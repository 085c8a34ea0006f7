using System.Runtime.InteropServices;
using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>
/// Ends the application in order: the gateway and the producer take nothing more, the consumers finish and commit what they have
/// read, then the servers go. The orchestrator by itself signals all at once.
/// </summary>
/// <remarks>A second Ctrl+C or SIGTERM ends everything at once.</remarks>
internal sealed partial class OrderedStop(
    DistributedApplicationModel model, ResourceStopper stopper, TimeProvider time, ILogger<OrderedStop> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly CancellationTokenSource _killNow = new();
    private int _signalCount;
    private Task? _stop;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Listens for a second signal, from the start on: hosted services registered after the orchestrator start only when every resource has.</summary>
    public void ListenForSignals()
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
    }

    /// <summary>Stops everything; a second call waits for the first one. The host and a test may both stop it.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_signals)
        {
            return _stop ??= StopOnceAsync(cancellationToken);
        }
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        using var killNow = CancellationTokenSource.CreateLinkedTokenSource(_killNow.Token, cancellationToken);
        var begin = time.GetTimestamp();
        LogBegin();
        foreach (var wave in StopOrder.Waves([.. model.Resources.Where(IsStopped)]))
        {
            await Task.WhenAll(wave.Select(resource => stopper.StopAsync(resource, resource.StopBudget() ?? Budget, killNow.Token, CancellationToken.None)));
        }

        LogEnd(time.GetElapsedTime(begin).TotalSeconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _killNow.Dispose();
    }

    // The dashboard is ended by the orchestrator, last: it shows the stop.
    internal static bool IsStopped(IResource resource) =>
        resource is ProjectResource or ContainerResource or ExecutableResource && !resource.IsAddedByAspire();

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref _signalCount) == 2)
        {
            LogKillNow();
            _killNow.Cancel();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Stopping: services first, then the servers. Ctrl+C again ends everything at once.")]
    private partial void LogBegin();

    [LoggerMessage(2, LogLevel.Information, "All resources have stopped after {Seconds:F1} s.")]
    private partial void LogEnd(double seconds);

    [LoggerMessage(3, LogLevel.Warning, "Told to stop a second time: everything is ended at once.")]
    private partial void LogKillNow();
}

/// <summary>Adds <see cref="OrderedStop"/>.</summary>
internal static class OrderedStopExtensions
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Runs the application until it is told to stop, and stops it in order, also when it had not started fully.</summary>
    public static async Task RunUntilStoppedAsync(this DistributedApplication application)
    {
        var lifetime = application.Services.GetRequiredService<IHostApplicationLifetime>();
        await using (application)
        {
            try
            {
                await application.StartAsync();
                await application.WaitForShutdownAsync();
            }
            catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                await application.StopAsync();
            }
        }
    }

    /// <summary>Stops the resources in order when the application is told to end. Hosted services added later stop earlier.</summary>
    public static void AddOrderedStop(this IDistributedApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<ResourceStopper>();
        builder.Services.TryAddSingleton<OrderedStop>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OrderedStop>());
        builder.OnBeforeStart((start, _) =>
        {
            start.Services.GetRequiredService<OrderedStop>().ListenForSignals();
            return Task.CompletedTask;
        });
        builder.RunFromStart<DotnetRunWatch>((watch, _) => _ => watch.RunAsync());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownTimeout);
    }
}
