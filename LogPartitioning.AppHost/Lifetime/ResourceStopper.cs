using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Stops a resource and gives it time to do so: the orchestrator alone kills what has not ended after 6 s.</summary>
internal sealed partial class ResourceStopper(
    ResourceNotificationService notifications, ResourceCommandService commands, ILogger<ResourceStopper> logger)
{
    private static readonly TimeSpan StateTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Stops the resource if it runs; kills it when it takes too long.</summary>
    /// <param name="resource">What to stop.</param>
    /// <param name="budget">How long it may take.</param>
    /// <param name="killNow">Cancelled when it is to be killed at once.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits any more; the resource goes on stopping.</param>
    /// <returns>Whether it ended by itself, or was down already.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> StopAsync(IResource resource, TimeSpan budget, CancellationToken killNow, CancellationToken cancellationToken)
    {
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || !IsUp(current.Snapshot))
        {
            return true;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(killNow, cancellationToken);
        deadline.CancelAfter(budget);
        try
        {
            if (RunningResource.ProcessId(current.Snapshot) is { } processId && UnixProcess.IsSupported)
            {
                // The process itself, not the resource's state: while a start is cancelled, no states are published any more.
                using var process = RunningResource.Find(processId);
                UnixProcess.Terminate(processId);
                await (process?.WaitForExitAsync(deadline.Token) ?? Task.CompletedTask);
                await WaitForEndStateAsync(resource);
            }
            else
            {
                await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, deadline.Token);
                await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogKill(resource.Name, killNow.IsCancellationRequested ? "the application is to end at once" : $"it still ran after {budget.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever happens to one resource, the others have to be stopped too.
            LogFailed(e, resource.Name);
        }

        await KillAsync(resource);
        return false;
    }

    // What has not started yet has nothing to finish; the orchestrator cancels its start.
    private static bool IsUp(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Stopping);

    private async Task KillAsync(IResource resource)
    {
        // A container is left to the orchestrator, which ends it.
        if (notifications.TryGetCurrentState(resource.Name, out var current) && RunningResource.ProcessId(current.Snapshot) is not null)
        {
            await RunningResource.KillAsync(current.Snapshot, CancellationToken.None);
            await WaitForEndStateAsync(resource);
        }
    }

    // The orchestrator publishes the end a little after it.
    private async Task WaitForEndStateAsync(IResource resource)
    {
        using var deadline = new CancellationTokenSource(StateTimeout);
        try
        {
            await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // The process is gone all the same.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Resource} is killed: {Reason}.")]
    private partial void LogKill(string resource, string reason);

    [LoggerMessage(2, LogLevel.Warning, "Stopping {Resource} failed; it is killed.")]
    private partial void LogFailed(Exception exception, string resource);
}
