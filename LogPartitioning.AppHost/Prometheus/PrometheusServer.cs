using LogPartitioning.AppHost.Grafana;
using LogPartitioning.AppHost.Lifetime;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Prometheus;

/// <summary>Prometheus, which scrapes the services and evaluates the rules.</summary>
internal static class PrometheusServer
{
    private const string Image = "prom/prometheus";
    private const string Tag = "v3.5.0";
    private const int ContainerPort = 9090;

    /// <summary>Adds Prometheus and, as a container, Grafana; without containers Prometheus alone, if it is installed.</summary>
    public static void AddPrometheusAndGrafana(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, params IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        var folder = new PrometheusFolder(settings.DataPath, builder.AppHostDirectory, settings.ServiceKey());
        if (settings.Mode is InfrastructureMode.Containers)
        {
            folder.Write();
            var prometheus = builder.AddPrometheusContainer(settings, folder, services).StopsAfterAll(services);
            builder.AddGrafanaContainer(settings, prometheus);
        }
        else if (settings.Prometheus is { } program)
        {
            folder.Write();
            builder.AddPrometheusProcess(settings, folder, program, services).StopsAfterAll(services);
        }
    }

    private static IResourceBuilder<ContainerResource> AddPrometheusContainer(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, PrometheusFolder folder, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        var endpoints = builder.OpenToContainers(services);
        var prometheus = builder.AddContainer("prometheus", Image, Tag)
            .WithBindMount(folder.Path, "/etc/prometheus", isReadOnly: true)
            .WithVolume(AppHostSettings.VolumePrefix + "prometheus", "/prometheus")
            .WithHttpEndpoint(port: settings.Ports.OfContainer(settings.Ports.Prometheus), targetPort: ContainerPort)
            .WithHttpHealthCheck("/-/ready")
            .Scrapes(folder, endpoints);
        foreach (var endpoint in endpoints)
        {
            // Naming the endpoint is what makes Aspire open a way from the container network to it.
            prometheus.WithEnvironment(
                $"SCRAPE_{endpoint.Resource.Name.Replace('-', '_').ToUpperInvariant()}", new EndpointReference(endpoint.Resource, endpoint.EndpointName));
        }

        return prometheus;
    }

    private static IResourceBuilder<ExecutableResource> AddPrometheusProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, PrometheusFolder folder, string program, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        var port = settings.FreePorts.Next(settings.Ports.Prometheus);
        return builder
            .AddExecutable("prometheus", program, folder.Path,
                "--config.file=prometheus.yml",
                $"--storage.tsdb.path={folder.DataPath}",
                "--storage.tsdb.retention.time=15d",
                $"--web.listen-address=127.0.0.1:{port}",
                "--log.level=warn")
            .WithHttpEndpoint(port: port, targetPort: port, isProxied: false)
            .WithHttpHealthCheck("/-/ready")
            .Scrapes(folder, [.. services.Select(service => service.GetEndpoint("http"))]);
    }

    // A consumer that stops waits for its last scrape.
    private static IResourceBuilder<T> StopsAfterAll<T>(this IResourceBuilder<T> prometheus, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
        where T : IResource => services.Aggregate(prometheus, (resource, service) => resource.StopsAfter(service));
}
