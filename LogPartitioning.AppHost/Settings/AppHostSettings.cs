using LogPartitioning.AppHost.Infrastructure;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Everything that configuration decides about the topology, checked.</summary>
/// <param name="Mode">Where the servers come from; never <see cref="InfrastructureMode.Auto"/>, which is resolved on reading.</param>
/// <param name="ConsumerReplicas">How many consumer instances run, 1 to 100.</param>
/// <param name="TopicPartitions">How many partitions a topic gets that the brokers create by themselves, 1 to 10,000.</param>
/// <param name="RestartServices">Whether a service that exits by itself is started again.</param>
/// <param name="DataPath">The folder where the servers of this machine keep their data.</param>
/// <param name="Ports">Which ports to listen on.</param>
/// <param name="Servers">The servers installed on this machine; null unless they are used.</param>
/// <param name="Prometheus">The <c>prometheus</c> program, or null where it is not installed or comes as a container.</param>
/// <param name="ServiceSettings">Settings given to the AppHost that are meant for the services, by environment variable.</param>
internal sealed record AppHostSettings(
    InfrastructureMode Mode,
    int ConsumerReplicas,
    int TopicPartitions,
    bool RestartServices,
    string DataPath,
    PortSettings Ports,
    InstalledServers? Servers,
    string? Prometheus,
    IReadOnlyList<KeyValuePair<string, string>> ServiceSettings);
