using LogPartitioning.Tests.Integration;

namespace LogPartitioning.Tests.Observability;

/// <summary>
/// A test that needs Prometheus and promtool. Where they are not installed it is skipped by name; on CI, where they must
/// be, it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PrometheusFactAttribute : FactAttribute
{
    /// <summary>Whether the test also needs the servers of the whole application.</summary>
    public bool Servers { get; set; }

    /// <inheritdoc/>
    public override string? Skip
    {
        get => InstalledServersProbe.OnCi ? base.Skip : base.Skip ?? WhatIsMissing;
        set => base.Skip = value;
    }

    private string? WhatIsMissing =>
        IsInstalled("prometheus") && IsInstalled("promtool")
            ? Servers ? InstalledServersProbe.WhatIsMissing : null
            : "prometheus and promtool are not installed";

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
