namespace LogPartitioning.Consumer.Membership;

/// <summary>
/// A background service that ends while the instance still answers. The host ends the HTTP server before ordinary
/// background services, and with it the view of how a drain goes.
/// </summary>
internal abstract class StopsBeforeHttpService : BackgroundService, IHostedLifecycleService
{
    public Task StoppingAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
