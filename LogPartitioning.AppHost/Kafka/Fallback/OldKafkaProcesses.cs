using LogPartitioning.AppHost.Kafka.Processes;
using LogPartitioning.AppHost.Resources;

namespace LogPartitioning.AppHost.Kafka.Fallback;

/// <summary>Brokers before 3.3 as processes of this machine: they need a ZooKeeper.</summary>
/// <param name="settings">What they need.</param>
internal sealed class OldKafkaProcesses(KafkaProcessSettings settings) : KafkaProcesses(settings)
{
    private const string Heap = "64m";
    private const string ClientListener = "tcp";

    // Brokers that lost their ZooKeeper wait for it without end when told to stop, and would still run after the application.
    private const string Script = "Kafka/Fallback/broker.sh";

    private int _zooKeeperPort;

    /// <inheritdoc/>
    public override void AddBrokers(IResourceBuilder<KafkaClusterResource> cluster, int brokers)
    {
        cluster.Resource.CreatesTopicsOnRequest = FallbackKafka.VersionForClients(Settings.Distribution) is null;
        var layout = Arrange(cluster.Resource, brokers);
        var zooKeeper = AddZooKeeper(cluster);
        foreach (var broker in layout.Brokers)
        {
            var resource = AddBroker(cluster, layout, broker).WaitFor(zooKeeper);
            if (!OperatingSystem.IsWindows())
            {
                resource.WithCommand("/bin/sh").WithArgs(context =>
                {
                    context.Args.Insert(0, Settings.Java);
                    context.Args.Insert(0, Path.Combine(cluster.ApplicationBuilder.AppHostDirectory, Script));
                });
            }
        }
    }

    /// <inheritdoc/>
    protected internal override ClusterLayout Arrange(KafkaClusterResource cluster, int brokers)
    {
        var layout = new ClusterLayout(
            "",
            [.. Enumerable.Range(1, brokers).Select(id => new BrokerLayout(id, cluster.BrokerName(id), Settings.NextPort(Settings.FirstPort + id - 1), null, BrokerFolder(id)))]);
        _zooKeeperPort = Settings.NextPort(Settings.FirstPort + brokers);
        return layout;
    }

    // They reach into the JDK, which Java 17 refuses unless told to let them.
    /// <inheritdoc/>
    protected override IReadOnlyList<string> JavaOptions =>
    [
        "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED",
        "--add-opens", "java.base/java.nio=ALL-UNNAMED",
        "--add-opens", "java.base/java.lang=ALL-UNNAMED",
    ];

    /// <inheritdoc/>
    protected internal override JavaProperties Properties(ClusterLayout layout, BrokerLayout broker) => new JavaProperties
    {
        { "broker.id", broker.Id },
        { "listeners", $"PLAINTEXT://{BrokerProperties.Loopback}:{broker.Port}" },
        { "zookeeper.connect", $"{BrokerProperties.Loopback}:{_zooKeeperPort}" },
        { "zookeeper.session.timeout.ms", 6_000 },
        { "zookeeper.connection.timeout.ms", 30_000 },
        // After a crash a broker truncates its log to this mark and fetches the rest again; a recent mark keeps that short.
        { "replica.high.watermark.checkpoint.interval.ms", 1_000 },
        { "controlled.shutdown.enable", "true" },
        // The last broker to stop has no other to hand its partitions to, and would try for 15 s.
        { "controlled.shutdown.max.retries", 2 },
        { "controlled.shutdown.retry.backoff.ms", 500 },
    }.With(BrokerProperties.Common(Settings, layout, broker));

    /// <inheritdoc/>
    protected override Task PrepareAsync(ClusterLayout layout, BrokerLayout broker, CancellationToken cancellationToken) =>
        ZooKeeperStatus.WaitUntilUnregisteredAsync(_zooKeeperPort, broker.Id, cancellationToken);

    private IResourceBuilder<ExecutableResource> AddZooKeeper(IResourceBuilder<KafkaClusterResource> cluster)
    {
        var folder = Path.Combine(Settings.Folder, "zookeeper");
        JavaProperties properties = new()
        {
            { "dataDir", Path.Combine(folder, "data") },
            { "clientPort", _zooKeeperPort },
            { "clientPortAddress", BrokerProperties.Loopback },
            { "tickTime", 2_000 },
            { "maxClientCnxns", 0 },
            // Snapshots pile up otherwise, one for each restart.
            { "autopurge.snapRetainCount", 3 },
            { "autopurge.purgeInterval", 1 },
            // The AppHost asks for the state and the sessions; newer ZooKeepers answer only what is listed.
            { "4lw.commands.whitelist", "ruok,dump" },
            { "admin.enableServer", "false" },
        };
        return AddJava(
                cluster, FallbackKafka.CoordinatorName, folder, Heap, "org.apache.zookeeper.server.quorum.QuorumPeerMain", Path.Combine(folder, "zookeeper.properties"), properties)
            .WithEndpoint(port: _zooKeeperPort, targetPort: _zooKeeperPort, scheme: "tcp", name: ClientListener, isProxied: false)
            .WithOnlyHealthCheck($"{FallbackKafka.CoordinatorName}_joined", new ZooKeeperHealthCheck(_zooKeeperPort));
    }
}
