using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Everything that configuration decides about the topology, checked.</summary>
/// <param name="Mode">Where the servers come from; never <see cref="InfrastructureMode.Auto"/>, which is resolved on reading.</param>
/// <param name="ConsumerReplicas">How many consumer instances run, 1 to 100.</param>
/// <param name="ConsumerConcurrency">How many workers an instance runs, 1 to 1,000.</param>
/// <param name="TopicPartitions">How many partitions a topic gets that the brokers create by themselves, 1 to 10,000.</param>
/// <param name="RestartServices">Whether a service that exits by itself is started again.</param>
/// <param name="DataPath">The folder where the servers of this machine keep their data.</param>
/// <param name="Ports">Which ports to listen on.</param>
/// <param name="FreePorts">Gives each server of this machine a port that is free.</param>
/// <param name="Servers">The servers installed on this machine; null unless they are used.</param>
/// <param name="Prometheus">The <c>prometheus</c> program, or null where it is not installed or comes as a container.</param>
/// <param name="ServiceSettings">Settings given to the AppHost that are meant for the services, by environment variable.</param>
internal sealed record AppHostSettings(
    InfrastructureMode Mode,
    int ConsumerReplicas,
    int ConsumerConcurrency,
    int TopicPartitions,
    bool RestartServices,
    string DataPath,
    PortSettings Ports,
    LoopbackPorts FreePorts,
    InstalledServers? Servers,
    string? Prometheus,
    IReadOnlyList<KeyValuePair<string, string>> ServiceSettings)
{
    /// <summary>Where the brokers of this machine keep their data.</summary>
    public string KafkaPath => Path.Combine(DataPath, "kafka");

    /// <summary>What the brokers of this machine need.</summary>
    public KafkaProcessSettings KafkaProcesses() =>
        new(Servers!.Java, Servers.Kafka, KafkaPath, Ports.Kafka, FreePorts.Next, TopicPartitions);
}
