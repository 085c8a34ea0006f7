using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace LogPartitioning.AppHost.Kafka.Commands;

/// <summary>Ends what runs a resource at once: its process, or its container.</summary>
internal static class ResourceKill
{
    private const string ProcessId = "executable.pid";
    private const string ContainerId = "container.id";

    /// <summary>Kills it.</summary>
    /// <returns>What kept it from being killed, or null.</returns>
    public static async Task<string?> KillAsync(CustomResourceSnapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            if (Property(snapshot, ProcessId) is { } pid)
            {
                using var process = Process.GetProcessById(Convert.ToInt32(pid, CultureInfo.InvariantCulture));
                process.Kill(entireProcessTree: true);
                return null;
            }

            return Property(snapshot, ContainerId)?.ToString() is { Length: > 0 } container
                ? await KillContainerAsync(container, cancellationToken)
                : "it has neither a process nor a container";
        }
        catch (ArgumentException)
        {
            return null; // it has ended by itself meanwhile
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return e.Message;
        }
    }

    private static async Task<string?> KillContainerAsync(string container, CancellationToken cancellationToken)
    {
        // The same choice that Aspire makes: what is set, else whichever knows the container.
        var named = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? Environment.GetEnvironmentVariable("DOTNET_ASPIRE_CONTAINER_RUNTIME");
        string? problem = null;
        foreach (var runtime in string.IsNullOrWhiteSpace(named) ? (string[])["docker", "podman"] : [named])
        {
            try
            {
                using var kill = Process.Start(new ProcessStartInfo(runtime, ["kill", container]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var output = await Task.WhenAll(kill.StandardOutput.ReadToEndAsync(cancellationToken), kill.StandardError.ReadToEndAsync(cancellationToken));
                await kill.WaitForExitAsync(cancellationToken);
                if (kill.ExitCode == 0)
                {
                    return null;
                }

                problem ??= $"{runtime}: {output[1].Trim()}";
            }
            catch (Win32Exception e)
            {
                problem ??= $"{runtime}: {e.Message}";
            }
        }

        return problem;
    }

    private static object? Property(CustomResourceSnapshot snapshot, string name) =>
        snapshot.Properties.FirstOrDefault(property => property.Name == name)?.Value;
}
