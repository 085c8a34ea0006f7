using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Settings of the services that were given to the AppHost: <c>./run.sh --Consumer:Concurrency=4</c>.</summary>
internal static class ServiceSettings
{
    // The services' own sections. Nothing else is handed on: the AppHost's configuration holds its whole environment.
    private static readonly string[] Sections =
        ["Kafka", "Producer", "Consumer", "Gateway", "Partitioning", "GroupState", "Lag", "Scaling"];

    /// <summary>The settings of those sections, as names and values of environment variables.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> In(IConfiguration configuration) =>
    [
        .. Sections
            .SelectMany(section => configuration.GetSection(section).AsEnumerable())
            .Where(setting => setting.Value is not null)
            .Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value!))
            .OrderBy(setting => setting.Key, StringComparer.Ordinal),
    ];

    /// <summary>Hands the settings on to a service.</summary>
    public static IResourceBuilder<ProjectResource> WithServiceSettings(this IResourceBuilder<ProjectResource> service, AppHostSettings settings)
    {
        foreach (var (name, value) in settings.ServiceSettings)
        {
            service.WithEnvironment(name, value);
        }

        return service;
    }
}
