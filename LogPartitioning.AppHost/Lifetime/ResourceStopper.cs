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
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(5);

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
                UnixProcess.Terminate(processId);
            }
            else
            {
                await commands.ExecuteCommandAsync(resource, KnownResourceCommands.StopCommand, deadline.Token);
            }

            await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
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

    private static bool IsUp(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text is { } state && (state == KnownResourceStates.Running || state == KnownResourceStates.Stopping || state == KnownResourceStates.Starting);

    private async Task KillAsync(IResource resource)
    {
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || ProcessId(current.Snapshot) is not { } processId)
        {
            return; // the orchestrator ends it
        }

        using var deadline = new CancellationTokenSource(KillTimeout);
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill(entireProcessTree: true);
            await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or OperationCanceledException)
        {
            // It has ended, or the orchestrator ends it.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "{Resource} is killed: {Reason}.")]
    private partial void LogKill(string resource, string reason);

    [LoggerMessage(2, LogLevel.Warning, "{Resource} could not be told to stop; it is killed.")]
    private partial void LogFailed(Exception exception, string resource);
}
