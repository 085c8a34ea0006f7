namespace LogPartitioning.Tests.Observability;

/// <summary>
/// A test that needs Prometheus and promtool. Where they are not installed it is skipped by name; on CI, where they must
/// be, it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PrometheusFactAttribute : FactAttribute
{
    public PrometheusFactAttribute()
    {
        if (!OnCi && !(IsInstalled("prometheus") && IsInstalled("promtool")))
        {
            Skip = "prometheus and promtool are not installed";
        }
    }

    private static bool OnCi => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"));

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
