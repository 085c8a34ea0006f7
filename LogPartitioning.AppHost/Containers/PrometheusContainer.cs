using LogPartitioning.AppHost.Scraping;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Containers;

/// <summary>Prometheus as a container.</summary>
internal static class PrometheusContainer
{
    private const string Image = "prom/prometheus";
    private const string Tag = "v3.5.0";
    private const int Port = 9090;

    /// <summary>Adds <c>prometheus</c>, which scrapes <paramref name="services"/> and evaluates the rules.</summary>
    public static IResourceBuilder<ContainerResource> AddPrometheusContainer(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        var folder = new PrometheusFolder(settings.DataPath, builder.AppHostDirectory);
        var endpoints = builder.OpenToContainers(services);
        folder.Write();
        var prometheus = builder.AddContainer("prometheus", Image, Tag)
            .WithBindMount(folder.Path, "/etc/prometheus", isReadOnly: true)
            .WithVolume(ContainerVolumes.Prefix + "prometheus", "/prometheus")
            .WithHttpEndpoint(port: settings.Ports.Random ? null : settings.Ports.Prometheus, targetPort: Port)
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
}
