using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Settings of the services that were given to the AppHost: <c>./run.sh --Consumer:Concurrency=4</c>.</summary>
internal static partial class ServiceSettings
{
    private const string Instance = "Consumer:Instance";
    private const string SplitSources = "Partitioning:SplitSources";

    // The services' own sections. Nothing else is handed on: the AppHost's configuration holds its whole environment.
    private static readonly string[] Sections =
        ["ApiKeys", "Kafka", "Producer", "Consumer", "Gateway", "Query", "Partitioning", "GroupState", "Lag", "Scaling", "Store", "OwnLogs", "Audit"];

    /// <summary>The key that services show one another, which is handed on as a secret.</summary>
    public const string ServiceKey = "ApiKeys:ServiceKey";

    /// <summary>The settings of those sections, as names and values of environment variables.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> In(IConfiguration configuration) => In(configuration, Sections);

    /// <summary>Kestrel's own settings, which are for the gateway: where it listens beside loopback, and with which certificate.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> OfKestrelIn(IConfiguration configuration) => In(configuration, ["Kestrel"]);

    private static IReadOnlyList<KeyValuePair<string, string>> In(IConfiguration configuration, string[] sections) =>
    [
        .. sections
            .SelectMany(section => configuration.GetSection(section).AsEnumerable())
            .Where(setting => setting.Value is not null && !setting.Key.Equals(ServiceKey, StringComparison.OrdinalIgnoreCase))
            .Select(setting => KeyValuePair.Create(setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value!))
            .OrderBy(setting => setting.Key, StringComparer.Ordinal),
    ];

    /// <summary>What cannot be handed on as it was meant, a sentence each.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration) => configuration[Instance] is { Length: > 0 } name
        ? [$"{Instance} names one consumer, and would name all of them \"{name}\": the application calls them consumer-1, consumer-2 and so on. Leave it out.", .. SplitSourceProblems(configuration)]
        : SplitSourceProblems(configuration);

    /// <summary>
    /// A source in the name of a setting. In a variable's name two underscores are a colon, so a service would be told of another source.
    /// </summary>
    private static IEnumerable<string> SplitSourceProblems(IConfiguration configuration) =>
        configuration.GetSection(SplitSources).AsEnumerable(makePathsRelative: true)
            .Where(setting => setting.Key.Length > 0 && !string.IsNullOrEmpty(setting.Value) && !Entry().IsMatch(setting.Key))
            .OrderBy(setting => setting.Key, StringComparer.Ordinal)
            .Select((setting, index) => string.Create(
                CultureInfo.InvariantCulture,
                $"{SplitSources}:{setting.Key} names a source, which must be a value: {SplitSources}:{index}:Source={setting.Key} and {SplitSources}:{index}:Keys={setting.Value}."));

    /// <summary>Hands the settings on to a service.</summary>
    public static IResourceBuilder<ProjectResource> WithServiceSettings(this IResourceBuilder<ProjectResource> service, AppHostSettings settings)
    {
        foreach (var (name, value) in settings.ServiceSettings)
        {
            service.WithEnvironment(name, value);
        }

        return service;
    }

    [GeneratedRegex("^[0-9]+:")]
    private static partial Regex Entry();
}
