using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>The commands that everything that runs understands.</summary>
internal static class LifecycleCommands
{
    public static void AddTo(IResource resource, Orchestrator orchestrator)
    {
        Add(KnownResourceCommands.StartCommand, "Start", "Start resource", IsIdle, cancellation => orchestrator.StartResourceAsync(resource, cancellation));
        Add(KnownResourceCommands.StopCommand, "Stop", "Stop resource", IsRunning, _ => orchestrator.StopResourceAsync(resource));
        Add(KnownResourceCommands.RestartCommand, "Restart", "Stop and start resource", IsRunning, async cancellation =>
        {
            await orchestrator.StopResourceAsync(resource);
            await orchestrator.StartResourceAsync(resource, cancellation);
        });

        void Add(string name, string displayName, string description, Func<string?, bool> canBeDone, Func<CancellationToken, Task> execute) =>
            resource.Annotations.Add(new ResourceCommandAnnotation(
                name,
                displayName,
                command => canBeDone(command.ResourceSnapshot.State?.Text) ? ResourceCommandState.Enabled : ResourceCommandState.Disabled,
                async command =>
                {
                    await execute(command.CancellationToken);
                    return CommandResults.Success();
                },
                description));
    }

    private static bool IsIdle(string? state) =>
        KnownResourceStates.TerminalStates.Contains(state) || state == KnownResourceStates.NotStarted || state == KnownResourceStates.Waiting;

    private static bool IsRunning(string? state) => state == KnownResourceStates.Running;
}
