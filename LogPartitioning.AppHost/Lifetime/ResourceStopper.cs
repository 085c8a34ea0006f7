using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Stops a resource and gives it its time: the orchestrator by itself kills what has not ended after 6 s.</summary>
internal sealed partial class ResourceStopper(
    ResourceNotificationService notifications, ResourceCommandService commands, ILogger<ResourceStopper> logger)
{
    private const string ProcessIdProperty = "executable.pid";
    private static readonly TimeSpan StateTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Stops the resource if it runs; kills it when its time is over.</summary>
    /// <param name="resource">What to stop.</param>
    /// <param name="budget">How long it may take.</param>
    /// <param name="hurry">Ends the waiting: it is killed at once.</param>
    /// <param name="cancellationToken">Ends the waiting: it goes on stopping by itself.</param>
    /// <returns>Whether it ended by itself, or was down already.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> StopAsync(IResource resource, TimeSpan budget, CancellationToken hurry, CancellationToken cancellationToken)
    {
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || !IsUp(current.Snapshot))
        {
            return true;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(hurry, cancellationToken);
        deadline.CancelAfter(budget);
        try
        {
            if (ProcessId(current.Snapshot) is { } processId && UnixProcess.IsSupported)
            {
                // The process itself, not the resource's state: while a start is given up, nobody tells states any more.
                using var process = Find(processId);
                UnixProcess.Terminate(processId);
                await (process?.WaitForExitAsync(deadline.Token) ?? Task.CompletedTask);
                await SeesEndAsync(resource);
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
            LogKill(resource.Name, hurry.IsCancellationRequested ? "the application is to end at once" : string.Create(CultureInfo.InvariantCulture, $"it still ran after {budget.TotalSeconds:0} s"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever happens to one resource, the others have to be stopped too.
            LogFailed(e, resource.Name);
        }

        await KillAsync(resource);
        return false;
    }

    /// <summary>The process that runs a resource, or null where it is no process or does not run.</summary>
    public static int? ProcessId(CustomResourceSnapshot snapshot)
    {
        var value = snapshot.Properties.FirstOrDefault(property => property.Name == ProcessIdProperty)?.Value;
        return value is null || snapshot.State?.Text != KnownResourceStates.Running ? null : Convert.ToInt32(value, CultureInfo.InvariantCulture);
    }

    // What is only about to start has nothing to finish: the orchestrator does not let it.
    private static bool IsUp(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Stopping);

    private async Task KillAsync(IResource resource)
    {
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || ProcessId(current.Snapshot) is not { } processId)
        {
            return; // the orchestrator ends it
        }

        try
        {
            using var process = Find(processId);
            process?.Kill(entireProcessTree: true);
            await SeesEndAsync(resource);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended, or the orchestrator ends it.
        }
    }

    // Whoever looks at the state after a stop shall see it.
    private async Task SeesEndAsync(IResource resource)
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

    private static Process? Find(int processId)
    {
        try
        {
            return Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            return null; // it has ended
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Resource} is killed: {Reason}.")]
    private partial void LogKill(string resource, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Resource} could not be told to stop; it is killed.")]
    private partial void LogFailed(Exception exception, string resource);
}
