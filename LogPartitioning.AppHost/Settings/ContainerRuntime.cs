using System.ComponentModel;
using System.Diagnostics;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Whether containers can be started from here.</summary>
internal static class ContainerRuntime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What keeps containers from starting, as the end of a sentence, or null when they can.</summary>
    public static string? WhatIsMissing()
    {
        // The same choice that Aspire makes: what is set, else whichever answers.
        var named = Environment.GetEnvironmentVariable("ASPIRE_CONTAINER_RUNTIME") ?? Environment.GetEnvironmentVariable("DOTNET_ASPIRE_CONTAINER_RUNTIME");
        string[] candidates = string.IsNullOrWhiteSpace(named) ? ["docker", "podman"] : [named];
        return candidates.Any(Answers) ? null : $"no container runtime answers (asked: {string.Join(", ", candidates)})";
    }

    private static bool Answers(string runtime)
    {
        try
        {
            // "ps" needs the engine; "version" answers with the client alone.
            using var process = Process.Start(new ProcessStartInfo(runtime, ["ps", "--quiet"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            if (process is null)
            {
                return false;
            }

            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(Patience))
            {
                return process.ExitCode == 0;
            }

            process.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false; // not installed
        }
    }
}
