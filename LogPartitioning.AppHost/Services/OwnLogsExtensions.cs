using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>The services' own logs in the system that they make up.</summary>
internal static class OwnLogsExtensions
{
    /// <summary>Has services send their own logs to the gateway, where that is asked for. They do not wait for it.</summary>
    public static void TakesOwnLogsOf(this IResourceBuilder<ProjectResource> gateway, IEnumerable<IResourceBuilder<ProjectResource>> services, AppHostSettings settings)
    {
        if (!settings.StoresOwnLogs)
        {
            return;
        }

        foreach (var service in services)
        {
            service.WithEnvironment("OwnLogs__Gateway", gateway.GetEndpoint("http"));
        }
    }
}
