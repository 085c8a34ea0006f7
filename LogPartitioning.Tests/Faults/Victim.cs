using Aspire.Hosting.ApplicationModel;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Faults;

/// <summary>What is done to a single resource.</summary>
internal static class Victim
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Kills it and waits until it is seen to be down.</summary>
    public static async Task KillAsync(RunningApplication application, string resource)
    {
        ProcessSignal.Kill(application.ProcessId(resource));
        await IsDownAsync(application, resource, Patience);
    }

    /// <summary>Waits until it is seen to be down.</summary>
    public static async Task IsDownAsync(RunningApplication application, string resource, TimeSpan patience) => await Eventually.SeesAsync(
        $"{resource} down",
        _ => Task.FromResult(application.State(resource)),
        state => state is not null && KnownResourceStates.TerminalStates.Contains(state),
        patience);
}
