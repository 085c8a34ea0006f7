using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.Servers;

/// <summary>Whether this machine has the servers that the whole application needs.</summary>
internal static class InstalledServersProbe
{
    private static readonly Lazy<(InstalledServers? Servers, string? Missing)> Found = new(Probe);

    /// <summary>Whether a missing server is an error (the environment variable <c>CI</c> is set) and not a reason to skip.</summary>
    public static bool OnCi => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    /// <summary>What is missing, in words, or null.</summary>
    public static string? WhatIsMissing => Found.Value.Missing;

    /// <summary>The servers.</summary>
    /// <exception cref="InvalidOperationException">One is missing.</exception>
    public static InstalledServers Servers => Found.Value.Servers ?? throw new InvalidOperationException(WhatIsMissing);

    private static (InstalledServers? Servers, string? Missing) Probe()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        var servers = InstalledServers.Find(reader);
        return (servers, servers is null ? string.Join(" ", reader.Problems) : null);
    }
}
