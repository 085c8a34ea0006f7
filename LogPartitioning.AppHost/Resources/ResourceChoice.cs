using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Resources;

/// <summary>A command's argument that names one of several resources, and what commands do with it.</summary>
/// <param name="name">The argument's name, a word that takes an s in the plural.</param>
/// <param name="resources">The resources to choose from, at least one, in the order in which they are shown.</param>
internal sealed class ResourceChoice(string name, IReadOnlyList<IResource> resources)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>The input field.</summary>
    public InteractionInput Input => new()
    {
        Name = name,
        Label = $"{char.ToUpperInvariant(name[0])}{name[1..]}",
        InputType = InputType.Choice,
        Required = true,
        Options = [.. resources.Select(resource => KeyValuePair.Create(resource.Name, resource.Name))],
        Value = resources[0].Name,
    };

    /// <summary>Runs a command on the resource that was chosen; fails when there is no such resource.</summary>
    public Task<ExecuteCommandResult> RunAsync(ExecuteCommandContext context, Func<IResource, ExecuteCommandContext, Task<ExecuteCommandResult>> run)
    {
        var chosen = context.Arguments.GetString(name);
        return resources.FirstOrDefault(resource => resource.Name == chosen) is { } resource
            ? run(resource, context)
            : Task.FromResult(CommandResults.Failure($"\"{chosen}\" is none of the {name}s {string.Join(", ", resources.Select(resource => resource.Name))}."));
    }

    /// <summary>Kills a resource, as a crash would, and waits until it is down.</summary>
    public static async Task<ExecuteCommandResult> KillAsync(IResource resource, ExecuteCommandContext context)
    {
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(resource.Name, out var current) || current.Snapshot.State?.Text != KnownResourceStates.Running)
        {
            return CommandResults.Failure($"{resource.Name} is not running: {current?.Snapshot.State?.Text ?? "it was never started"}.");
        }

        if (await RunningResource.KillAsync(current.Snapshot, context.CancellationToken) is { } problem)
        {
            return CommandResults.Failure($"{resource.Name} could not be killed: {problem}");
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        deadline.CancelAfter(Timeout);
        await notifications.WaitForResourceAsync(resource.Name, KnownResourceStates.TerminalStates, deadline.Token);
        return CommandResults.Success($"{resource.Name} was killed.");
    }

    /// <summary>Waits until resources that were started are healthy.</summary>
    /// <returns>False when not all of them are after 60 s.</returns>
    public static async Task<bool> WaitUntilHealthyAsync(IEnumerable<IResource> started, ExecuteCommandContext context)
    {
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        deadline.CancelAfter(Timeout);
        try
        {
            await Task.WhenAll(started.Select(resource =>
                notifications.WaitForResourceHealthyAsync(resource.Name, WaitBehavior.WaitOnResourceUnavailable, deadline.Token)));
            return true;
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
