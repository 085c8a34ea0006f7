using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Grafana;

/// <summary>Grafana as a container.</summary>
internal static class GrafanaContainer
{
    private const string Image = "grafana/grafana";
    private const string Tag = "12.1.1";
    private const int Port = 3000;

    /// <summary>Adds <c>grafana</c> with the dashboards of this project, which anybody who reaches it may look at.</summary>
    public static IResourceBuilder<ContainerResource> AddGrafanaContainer(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IResourceBuilder<ContainerResource> prometheus)
    {
        return builder.AddContainer("grafana", Image, Tag)
            .WithBindMount(Folder("provisioning"), "/etc/grafana/provisioning", isReadOnly: true)
            .WithBindMount(Folder("dashboards"), "/var/lib/grafana/dashboards", isReadOnly: true)
            .WithEnvironment("PROMETHEUS_URL", prometheus.GetEndpoint("http"))
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", "true")
            .WithEnvironment("GF_AUTH_ANONYMOUS_ORG_ROLE", "Viewer")
            .WithEnvironment("GF_AUTH_DISABLE_LOGIN_FORM", "true")
            .WithHttpEndpoint(port: settings.Ports.OfContainer(settings.Ports.Grafana), targetPort: Port)
            .WithHttpHealthCheck("/api/health")
            .WaitFor(prometheus);

        // A checkout may be its owner's alone.
        string Folder(string name) => PublicFiles.Copy(Path.Combine(builder.AppHostDirectory, "Grafana", name), Path.Combine(settings.DataPath, "grafana", name));
    }
}
