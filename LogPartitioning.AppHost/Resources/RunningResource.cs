using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.AppHost.Resources;

/// <summary>The process or the container that runs a resource.</summary>
internal static class RunningResource
{
    private const string ProcessIdProperty = "executable.pid";
    private const string ContainerIdProperty = "container.id";

    /// <summary>The process that runs a resource, or null where it is no process or does not run.</summary>
    /// <remarks>The id of the last process stays among the properties after its end.</remarks>
    public static int? ProcessId(CustomResourceSnapshot snapshot) =>
        snapshot.State?.Text == KnownResourceStates.Running && Property(snapshot, ProcessIdProperty) is { } id
            ? Convert.ToInt32(id, CultureInfo.InvariantCulture)
            : null;

    /// <summary>The process with this id, or null when it has ended.</summary>
    public static Process? Find(int processId)
    {
        try
        {
            return Process.GetProcessById(processId);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Ends the process or the container at once, as a crash would.</summary>
    /// <returns>Why it could not be killed, or null; null too when it has ended by itself meanwhile.</returns>
    public static async Task<string?> KillAsync(CustomResourceSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (ProcessId(snapshot) is not { } processId)
        {
            return Property(snapshot, ContainerIdProperty)?.ToString() is { Length: > 0 } container
                ? await ContainerRuntime.KillAsync(container, cancellationToken)
                : "it has neither a process nor a container";
        }

        try
        {
            using var process = Find(processId);
            process?.Kill(entireProcessTree: true);
            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return e.Message;
        }
    }

    private static object? Property(CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
