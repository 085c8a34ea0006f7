using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Lifecycle;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>An application that can run.</summary>
/// <param name="host">What runs it.</param>
public class DistributedApplication(IHost host) : IHost, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private Task? _disposal;
    private bool _hasStarted;

    /// <summary>The services.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>How the resources stand.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Tells resources what to do.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    internal EntryPointObserver? Observer { get; init; }

    /// <summary>Describes an application.</summary>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Describes an application.</summary>
    /// <param name="args">The command line.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args) =>
        CreateBuilder(new DistributedApplicationOptions { Args = args });

    /// <summary>Describes an application.</summary>
    /// <param name="options">How it is built.</param>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        DistributedApplicationBuilder builder = new(options);
        EntryPointObserver.Current?.Constructed(builder);
        return builder;
    }

    /// <summary>Runs until the application is asked to stop.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <summary>Runs until the application is asked to stop.</summary>
    public virtual async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await StartAsync(cancellationToken);
            await host.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            await DisposeAsync();
        }
    }

    /// <summary>Asks every resource to start; does not wait until they run.</summary>
    public virtual Task StartAsync(CancellationToken cancellationToken = default) =>
        Observer is null ? StartCoreAsync(cancellationToken) : Observer.StartAsync(StartCoreAsync, cancellationToken);

    /// <summary>Stops every resource, those that others need last.</summary>
    public virtual Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
        DisposeAsync().AsTask().GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        // By the entry point and by a test, in any order.
        lock (_gate)
        {
            _disposal ??= DisposeCoreAsync();
        }

        GC.SuppressFinalize(this);
        return new(_disposal);
    }

    private async Task DisposeCoreAsync()
    {
        await Task.Yield();
        var lifetime = Services.GetRequiredService<IHostApplicationLifetime>();
        if (_hasStarted && !lifetime.ApplicationStopped.IsCancellationRequested)
        {
            await host.StopAsync(CancellationToken.None);
        }

        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private async Task StartCoreAsync(CancellationToken cancellationToken)
    {
        _hasStarted = true;
        var eventing = Services.GetRequiredService<IDistributedApplicationEventing>();
        var context = Services.GetRequiredService<DistributedApplicationExecutionContext>();
        foreach (var subscriber in Services.GetServices<IDistributedApplicationEventingSubscriber>())
        {
            await subscriber.SubscribeAsync(eventing, context, cancellationToken);
        }

        await eventing.PublishAsync(
            new BeforeStartEvent(Services, Services.GetRequiredService<DistributedApplicationModel>()), cancellationToken);
        await host.StartAsync(cancellationToken);
    }
}
