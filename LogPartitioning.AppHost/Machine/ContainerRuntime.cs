using System.ComponentModel;
using System.Diagnostics;

namespace LogPartitioning.AppHost.Machine;

/// <summary>The program that starts containers: Docker or Podman.</summary>
internal static class ContainerRuntime
{
    /// <summary>What keeps containers from starting, as the end of a sentence, or null when they can.</summary>
    /// <remarks><c>ps</c> needs the engine; <c>version</c> would answer with the client alone.</remarks>
    public static string? WhatIsMissing() =>
        Programs().Any(program => FinishedProgram.Ask(program, "ps", "--quiet") is { ExitCode: 0 })
            ? null
            : $"no container runtime answers (asked: {string.Join(", ", Programs())})";

    /// <summary>Kills a container.</summary>
    /// <returns>Why it could not be killed, or null.</returns>
    public static async Task<string?> KillAsync(string container, CancellationToken cancellationToken)
    {
        string? problem = null;
        foreach (var program in Programs())
        {
            try
            {
                var kill = await FinishedProgram.RunAsync(new ProcessStartInfo(program, ["kill", container]), cancellationToken);
                if (kill.ExitCode == 0)
                {
                    return null;
                }

                problem ??= $"{program}: {kill.Errors.Trim()}";
            }
            catch (Win32Exception e)
            {
                problem ??= $"{program}: {e.Message}";
            }
        }

        return problem;
    }

    // The same choice that Aspire makes: the one that is set, else the first that answers.
    private static string[] Programs()
    {
        var named = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? Environment.GetEnvironmentVariable("DOTNET_ASPIRE_CONTAINER_RUNTIME");
        return string.IsNullOrWhiteSpace(named) ? ["docker", "podman"] : [named];
    }
}
