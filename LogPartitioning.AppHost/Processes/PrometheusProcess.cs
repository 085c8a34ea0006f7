using System.Globalization;
using LogPartitioning.AppHost.Scraping;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Processes;

/// <summary>Prometheus as a process of this machine.</summary>
internal static class PrometheusProcess
{
    /// <summary>Adds <c>prometheus</c>, which scrapes <paramref name="services"/> and evaluates the rules.</summary>
    public static IResourceBuilder<ExecutableResource> AddPrometheusProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, string program, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        var folder = new PrometheusFolder(settings.DataPath, builder.AppHostDirectory);
        var port = settings.FreePorts.Next(settings.Ports.Prometheus);
        folder.Write();
        return builder
            .AddExecutable("prometheus", program, folder.Path,
                "--config.file=prometheus.yml",
                $"--storage.tsdb.path={folder.DataPath}",
                "--storage.tsdb.retention.time=15d",
                string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"),
                "--log.level=warn")
            .WithHttpEndpoint(port: port, targetPort: port, isProxied: false)
            .WithHttpHealthCheck("/-/ready")
            .Scrapes(folder, [.. services.Select(service => service.GetEndpoint("http"))]);
    }
}
