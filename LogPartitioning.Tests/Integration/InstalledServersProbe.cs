using LogPartitioning.AppHost.Infrastructure.Processes;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.Integration;

/// <summary>Whether this machine has the servers that the whole application needs.</summary>
internal static class InstalledServersProbe
{
    private static readonly Lazy<string?> Missing = new(Probe);

    /// <summary>Whether a missing server is an error (the environment variable <c>CI</c> is set) and not a reason to skip.</summary>
    public static bool OnCi => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>What is missing, in words, or null.</summary>
    public static string? WhatIsMissing => Missing.Value;

    private static string? Probe()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        return ServerSearch.Find(reader) is null ? string.Join(" ", reader.Problems) : null;
    }
}
