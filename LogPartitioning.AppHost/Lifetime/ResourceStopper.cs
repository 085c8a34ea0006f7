using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Stops a resource and gives it its time: the orchestrator by itself kills what has not ended after 6 s.</summary>
internal sealed partial class ResourceStopper(
    ResourceNotificationService notifications, ResourceCommandService commands, ILogger<ResourceStopper> logger)
{
    private const string ProcessIdProperty = "executable.pid";
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Stops the resource if it runs; kills it when its time is over.</summary>
    /// <param name="resource">What to stop.</param>
    /// <param name="budget">How long it may take.</param>
    /// <param name="hurry">Ends the waiting: it is killed at once.</param>
    /// <returns>Whether it ended by itself, or was down already.</returns>
    public async Task<bool> StopAsync(IResource resource, TimeSpan budget, CancellationToken hurry)
    {
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || !IsUp(current.Snapshot))
        {
            return true;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(hurry);
        deadline.CancelAfter(budget);
        try
        {
            if (ProcessId(current.Snapshot) is { } processId && UnixProcess.IsSupported)
            {
                UnixProcess.Terminate(processId);
            }
            else
            {
                await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, deadline.Token);
            }

            await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            LogKill(resource.Name, hurry.IsCancellationRequested ? "the application is to end at once" : string.Create(CultureInfo.InvariantCulture, $"it still ran after {budget.TotalSeconds:0} s"));
            await KillAsync(resource);
            return false;
        }
        catch (Exception e) when (e is Win32Exception or DistributedApplicationException)
        {
            // Whatever happens to one resource, the others have to be stopped too; what is left, the orchestrator ends.
            LogFailed(e, resource.Name);
            return false;
        }
    }

    /// <summary>The process that runs a resource, or null where it is no process or does not run.</summary>
    public static int? ProcessId(CustomResourceSnapshot snapshot)
    {
        var value = snapshot.Properties.FirstOrDefault(property => property.Name == ProcessIdProperty)?.Value;
        return value is null || snapshot.State?.Text != KnownResourceStates.Running ? null : Convert.ToInt32(value, CultureInfo.InvariantCulture);
    }

    private static bool IsUp(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Stopping || state == KnownResourceStates.Starting);

    private async Task KillAsync(IResource resource)
    {
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || ProcessId(current.Snapshot) is not { } processId || !UnixProcess.IsSupported)
        {
            return; // the orchestrator ends it
        }

        UnixProcess.Kill(processId);
        using var deadline = new CancellationTokenSource(KillTimeout);
        try
        {
            await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            // Told to the orchestrator late; the process is gone.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Resource} is killed: {Reason}.")]
    private partial void LogKill(string resource, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Resource} could not be told to stop; the orchestrator ends it.")]
    private partial void LogFailed(Exception exception, string resource);
}
