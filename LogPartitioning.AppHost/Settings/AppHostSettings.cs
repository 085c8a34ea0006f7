using LogPartitioning.AppHost.Kafka.Processes;
using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Everything that configuration decides about the topology, checked.</summary>
/// <param name="Mode">Where the servers come from; never <see cref="InfrastructureMode.Auto"/>, which is resolved on reading.</param>
/// <param name="ConsumerReplicas">How many consumer instances run, 1 to 100.</param>
/// <param name="ConsumerConcurrency">How many workers an instance runs, 1 to 64.</param>
/// <param name="Topics">The topics, as the services' own settings name them.</param>
/// <param name="Store">How many connections PostgreSQL takes, and how they are shared out.</param>
/// <param name="RestartServices">Whether a service that exits by itself is started again.</param>
/// <param name="StoresOwnLogs">Whether the services' own logs are stored in the system, too.</param>
/// <param name="CheckOnly">Whether the application is only put together, and nothing is started.</param>
/// <param name="DataPath">The folder where the servers of this machine keep their data.</param>
/// <param name="Ports">Which ports to listen on.</param>
/// <param name="FreePorts">Gives each server of this machine a port that is free.</param>
/// <param name="Servers">The servers installed on this machine; null unless they are used.</param>
/// <param name="Prometheus">The <c>prometheus</c> program, or null where it is not installed or comes as a container.</param>
/// <param name="ServiceSettings">Settings given to the AppHost that are meant for the services, by environment variable.</param>
/// <param name="KestrelSettings">Settings of the gateway's web server, by environment variable.</param>
/// <param name="GivenServiceKey">The key that services show one another, where it is the user's own.</param>
internal sealed record AppHostSettings(
    InfrastructureMode Mode,
    int ConsumerReplicas,
    int ConsumerConcurrency,
    TopicSettings Topics,
    StoreSettings Store,
    bool RestartServices,
    bool StoresOwnLogs,
    bool CheckOnly,
    string DataPath,
    PortSettings Ports,
    LoopbackPorts FreePorts,
    InstalledServers? Servers,
    string? Prometheus,
    IReadOnlyList<KeyValuePair<string, string>> ServiceSettings,
    IReadOnlyList<KeyValuePair<string, string>> KestrelSettings,
    string? GivenServiceKey)
{
    /// <summary>What the names of all container volumes begin with.</summary>
    public const string VolumePrefix = "log-partitioning-";

    // Spare instances are offered up to this many; ConsumerReplicas may ask for more.
    private const int MaxSpareInstances = 12;

    /// <summary>What would run, in a line.</summary>
    public override string ToString() =>
        $"{ConsumerReplicas} consumers, infrastructure {Mode}{(Servers is null ? "" : $" with Kafka {Servers.Kafka.Version} of {Servers.Kafka.Home}, data in {DataPath}")}";

    /// <summary>What services, Prometheus and the dashboard's commands show to the services: the user's own, or one that is made at the first run.</summary>
    public string ServiceKey() => GivenServiceKey ?? PrivateFile.Password(Path.Combine(DataPath, "service-key"));

    /// <summary>Consumer instances that can run at once, with the spare ones: as many as there is work for, one worker a partition.</summary>
    public int ConsumerInstances => InstancesOf(ConsumerReplicas, ConsumerConcurrency, Topics.Partitions);

    /// <summary>The same, of settings that are still being read.</summary>
    public static int InstancesOf(int replicas, int concurrency, int partitions) =>
        Math.Max(replicas, Math.Min(MaxSpareInstances, (partitions + concurrency - 1) / concurrency));

    /// <summary>What the brokers of this machine need.</summary>
    public KafkaProcessSettings KafkaProcesses() =>
        new(Servers!.Java, Servers.Kafka, KafkaFolder(DataPath), Ports.Kafka, FreePorts.Next, Topics.Partitions);

    /// <summary>Where the brokers of this machine keep their data.</summary>
    public static string KafkaFolder(string dataPath) => Path.Combine(dataPath, "kafka");
}

/// <summary>The topic of the events and that of the dead letters.</summary>
/// <param name="Events">The name of the one.</param>
/// <param name="DeadLetters">The name of the other.</param>
/// <param name="Partitions">How many partitions each has, 1 to 10,000; a topic that the brokers create by themselves, too.</param>
/// <param name="ReplicationFactor">How many brokers keep each partition.</param>
/// <param name="MinInSyncReplicas">How many replicas must have a record before it counts as written.</param>
/// <param name="Retention">How long the brokers keep a record.</param>
internal sealed record TopicSettings(string Events, string DeadLetters, int Partitions, short ReplicationFactor, int MinInSyncReplicas, TimeSpan Retention);

/// <summary>The connections of the PostgreSQL that the application starts.</summary>
/// <param name="Connections">How many it takes.</param>
/// <param name="ForService">How many each service may open, so that all of them, and a few more clients, find room at once.</param>
internal sealed record StoreSettings(int Connections, int ForService);
