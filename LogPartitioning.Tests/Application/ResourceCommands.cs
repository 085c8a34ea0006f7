using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using LogPartitioning.AppHost.Services;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Application;

/// <summary>What can be done to the resources of a running application, as an operator does it.</summary>
internal static class ResourceCommands
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Runs a command of a resource, as the dashboard does.</summary>
    public static async Task<ExecuteCommandResult> TryCommandAsync(
        this RunningApplication application, string resource, string command, CancellationToken cancellationToken, params (string Name, string Value)[] arguments)
    {
        var inputs = arguments.Select(argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value });
        return await application.Application.ResourceCommands.ExecuteCommandAsync(
            application.Resource(resource), command, new InteractionInputCollection([.. inputs]), cancellationToken);
    }

    /// <summary>Stops a resource, and waits until it is down.</summary>
    public static async Task StopAsync(this RunningApplication application, string resource)
    {
        using var timeout = new CancellationTokenSource(CommandTimeout);
        if (resource.StartsWith("consumer-", StringComparison.Ordinal))
        {
            await application.CommandAsync("consumers", ScalingCommands.Stop, timeout.Token, (ScalingCommands.Consumer, resource));
        }
        else
        {
            await application.CommandAsync(resource, KnownResourceCommands.StopCommand, timeout.Token);
        }

        await application.Application.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, timeout.Token);
    }

    /// <summary>Starts a resource that is down, and waits until it is healthy.</summary>
    public static async Task StartAsync(this RunningApplication application, string resource)
    {
        using var timeout = new CancellationTokenSource(CommandTimeout);
        await application.CommandAsync(resource, KnownResourceCommands.StartCommand, timeout.Token);
        await application.WaitUntilHealthyAsync(resource, CommandTimeout);
    }

    /// <summary>Starts every resource that is down, and waits until all are healthy.</summary>
    public static async Task StartAllAsync(this RunningApplication application, TimeSpan timeout)
    {
        foreach (var resource in application.ResourceNames().Where(name => application.State(name) is { } state && KnownResourceStates.TerminalStates.Contains(state)))
        {
            await application.StartAsync(resource);
        }

        await application.WaitUntilAllHealthyAsync(timeout);
    }

    /// <summary>Kills the process of a resource, and waits until the resource is seen to be down.</summary>
    public static async Task KillAsync(this RunningApplication application, string resource)
    {
        HashSet<int> killed = [];
        await Eventually.SeesAsync(
            $"{resource} down",
            _ =>
            {
                // Of a process that was started again a moment ago the one before it may still be shown, which can be killed once more and does not mind.
                if (application.ProcessIdOrNull(resource) is { } shown && killed.Add(shown))
                {
                    ProcessSignal.Kill(shown);
                }

                return Task.FromResult(application.State(resource));
            },
            state => state is not null && KnownResourceStates.TerminalStates.Contains(state),
            CommandTimeout);
    }

    /// <summary>Kills the process of a service that is started again by itself, and waits until it runs as another one.</summary>
    public static async Task KillAndSeeAgainAsync(this RunningApplication application, string service)
    {
        var before = application.ProcessId(service);
        ProcessSignal.Kill(before);
        await Eventually.SeesAsync(
            $"{service} running as another process than {before}",
            _ => Task.FromResult((State: application.State(service), ProcessId: application.ProcessIdOrNull(service))),
            seen => seen.State == KnownResourceStates.Running && seen.ProcessId is { } now && now != before,
            CommandTimeout);
    }

    /// <summary>Waits until a resource is seen to be down.</summary>
    public static async Task WaitUntilDownAsync(this RunningApplication application, string resource) => await Eventually.SeesAsync(
        $"{resource} down",
        _ => Task.FromResult(application.State(resource)),
        state => state is not null && KnownResourceStates.TerminalStates.Contains(state),
        CommandTimeout);

    /// <summary>Waits until every resource is healthy.</summary>
    public static Task WaitUntilAllHealthyAsync(this RunningApplication application, TimeSpan timeout) =>
        application.WaitUntilHealthyAsync([.. application.ResourceNames()], timeout);

    /// <summary>Waits until a resource is healthy, for example after it was started again by itself.</summary>
    public static Task WaitUntilHealthyAsync(this RunningApplication application, string resource, TimeSpan timeout) =>
        application.WaitUntilHealthyAsync([resource], timeout);

    private static async Task WaitUntilHealthyAsync(this RunningApplication application, IReadOnlyList<string> resources, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await Task.WhenAll(resources.Select(name =>
                application.Application.ResourceNotifications.WaitForResourceHealthyAsync(name, WaitBehavior.WaitOnResourceUnavailable, deadline.Token)));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var states = resources.Select(name => $"\n  {name}: {application.Describe(name)}");
            throw new TimeoutException($"Not healthy after {timeout.TotalSeconds:0} s:{string.Concat(states)}");
        }
    }

    private static async Task CommandAsync(
        this RunningApplication application, string resource, string command, CancellationToken cancellationToken, params (string Name, string Value)[] arguments)
    {
        var result = await application.TryCommandAsync(resource, command, cancellationToken, arguments);
        Assert.True(result.Success, $"{command} {resource}: {result.Message}; {application.Describe(resource)}");
    }
}
