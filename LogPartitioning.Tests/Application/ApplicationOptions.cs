using System.Globalization;

namespace LogPartitioning.Tests.Application;

/// <summary>How to start a whole application for tests.</summary>
public sealed record ApplicationOptions
{
    /// <summary>Consumer instances: <c>consumer-1</c> and up.</summary>
    public int ConsumerReplicas { get; init; } = 3;

    /// <summary>More settings of the AppHost or the services, for example <c>Consumer:SessionTimeout</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the servers keep their data; null takes a temporary folder that is deleted at the end.</summary>
    public string? DataPath { get; init; }

    /// <summary>The AppHost's command line.</summary>
    internal string[] Arguments(string dataPath) =>
    [
        "--Infrastructure:Mode=Processes",
        $"--Infrastructure:DataPath={dataPath}",
        "--Ports:Random=true",
        "--hostBuilder:reloadConfigOnChange=false",
        // Tests count what they sent.
        "--Audit:CanaryInterval=00:00:00",
        string.Create(CultureInfo.InvariantCulture, $"--ConsumerReplicas={ConsumerReplicas}"),
        .. Settings.Select(setting => $"--{setting.Key}={setting.Value}"),
    ];
}
