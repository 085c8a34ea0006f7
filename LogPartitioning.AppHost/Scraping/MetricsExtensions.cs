using LogPartitioning.AppHost.Containers;
using LogPartitioning.AppHost.Lifetime;
using LogPartitioning.AppHost.Processes;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Scraping;

/// <summary>Adds what keeps and shows the metrics.</summary>
internal static class MetricsExtensions
{
    /// <summary>Adds Prometheus and, as a container, Grafana; without containers Prometheus alone, if it is installed.</summary>
    public static void AddPrometheusAndGrafana(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, params IReadOnlyList<IResourceBuilder<ProjectResource>> services)
    {
        if (settings.Mode is InfrastructureMode.Containers)
        {
            var prometheus = builder.AddPrometheusContainer(settings, services).StopsAfterAll(services);
            builder.AddGrafanaContainer(settings, prometheus);
        }
        else if (settings.Prometheus is { } program)
        {
            builder.AddPrometheusProcess(settings, program, services).StopsAfterAll(services);
        }
    }

    // A consumer that stops waits for its last scrape.
    private static IResourceBuilder<T> StopsAfterAll<T>(this IResourceBuilder<T> prometheus, IReadOnlyList<IResourceBuilder<ProjectResource>> services)
        where T : IResource => services.Aggregate(prometheus, (resource, service) => resource.StopsAfter(service));
}
