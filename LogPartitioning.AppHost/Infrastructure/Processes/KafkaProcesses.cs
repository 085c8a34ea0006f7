using System.Globalization;
using LogPartitioning.AppHost.Infrastructure.Health;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Infrastructure.Processes;

/// <summary>A Kafka cluster of three brokers as processes of this machine.</summary>
internal static class KafkaProcesses
{
    private const int BrokerCount = 3;
    private const string BrokerHeap = "256m";
    private const string ZooKeeperHeap = "64m";
    private const string Listener = "tcp";

    /// <summary>Adds <c>kafka-1</c> to <c>kafka-3</c> and, for distributions before 3.3, their <c>zookeeper</c>.</summary>
    /// <returns>The brokers.</returns>
    public static IReadOnlyList<IResourceBuilder<ExecutableResource>> AddKafkaProcesses(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers servers, LoopbackPorts ports)
    {
        var distribution = servers.Kafka;
        var layout = Arrange(settings, distribution, ports);
        var zooKeeper = layout.ZooKeeperPort is { } port ? builder.AddZooKeeper(servers, layout, port) : null;
        return [.. layout.Brokers.Select(broker => builder.AddBroker(servers, layout, broker, zooKeeper))];
    }

    /// <summary>The cluster's bootstrap servers, a comma between them.</summary>
    public static ReferenceExpression BootstrapServers(IReadOnlyList<IResourceBuilder<ExecutableResource>> brokers)
    {
        var list = new ReferenceExpressionBuilder();
        foreach (var broker in brokers)
        {
            var endpoint = broker.GetEndpoint(Listener);
            list.AppendLiteral(list.IsEmpty ? "" : ",");
            list.AppendFormatted(endpoint.Property(EndpointProperty.IPV4Host));
            list.AppendLiteral(":");
            list.AppendFormatted(endpoint.Property(EndpointProperty.Port));
        }

        return list.Build();
    }

    internal static ClusterLayout Arrange(AppHostSettings settings, KafkaDistribution distribution, LoopbackPorts ports)
    {
        var folder = Path.Combine(settings.DataPath, "kafka");
        var clientPorts = Enumerable.Range(0, BrokerCount).Select(i => ports.Next(settings.Ports.Kafka + i)).ToList();
        var brokers = clientPorts.Select((port, i) => new BrokerLayout(
            i + 1,
            port,
            distribution.UsesKRaft ? ports.Next(settings.Ports.Kafka + BrokerCount + i) : null,
            Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"broker-{i + 1}"))));
        return new ClusterLayout(
            folder,
            distribution.UsesKRaft ? KRaftStorage.ClusterIdIn(folder) : "",
            [.. brokers],
            settings.TopicPartitions,
            distribution.UsesKRaft ? null : ports.Next(settings.Ports.ZooKeeper));
    }

    private static IResourceBuilder<ExecutableResource> AddBroker(
        this IDistributedApplicationBuilder builder, InstalledServers servers, ClusterLayout layout, BrokerLayout broker, IResourceBuilder<ExecutableResource>? zooKeeper)
    {
        var distribution = servers.Kafka;
        Directory.CreateDirectory(broker.Folder);
        var resource = builder
            .AddExecutable(broker.Name, servers.Java, broker.Folder, JavaArguments.For(distribution, BrokerHeap, broker.Folder, "kafka.Kafka", broker.PropertiesFile))
            // Not proxied: the broker itself tells clients where it listens.
            .WithEndpoint(port: broker.Port, targetPort: broker.Port, scheme: "tcp", name: Listener, isProxied: false)
            .OnBeforeResourceStarted(async (_, started, cancellationToken) =>
            {
                await LogConfiguration.WriteAsync(distribution, broker.Folder, cancellationToken);
                await File.WriteAllLinesAsync(broker.PropertiesFile, BrokerProperties.For(distribution, layout, broker), cancellationToken);
                if (distribution.UsesKRaft)
                {
                    await KRaftStorage.FormatAsync(servers, layout, broker, cancellationToken);
                }
                else if (layout.ZooKeeperPort is { } port)
                {
                    await ZooKeeperStatus.WaitUntilUnregisteredAsync(port, broker.Id, cancellationToken);
                }
            })
            .WithServerHealth(new KafkaBrokerHealthCheck(broker.Id, broker.Port));
        return zooKeeper is null ? resource : resource.WaitFor(zooKeeper);
    }

    private static IResourceBuilder<ExecutableResource> AddZooKeeper(
        this IDistributedApplicationBuilder builder, InstalledServers servers, ClusterLayout layout, int port)
    {
        var distribution = servers.Kafka;
        var folder = Path.Combine(layout.Folder, "zookeeper");
        var properties = Path.Combine(folder, "zookeeper.properties");
        Directory.CreateDirectory(folder);
        return builder
            .AddExecutable("zookeeper", servers.Java, folder, JavaArguments.For(distribution, ZooKeeperHeap, folder, "org.apache.zookeeper.server.quorum.QuorumPeerMain", properties))
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: Listener, isProxied: false)
            .OnBeforeResourceStarted(async (_, _, cancellationToken) =>
            {
                await LogConfiguration.WriteAsync(distribution, folder, cancellationToken);
                await File.WriteAllLinesAsync(
                    properties,
                    [
                        $"dataDir={Path.Combine(folder, "data")}",
                        string.Create(CultureInfo.InvariantCulture, $"clientPort={port}"),
                        "clientPortAddress=127.0.0.1",
                        "tickTime=2000",
                        "maxClientCnxns=0",
                        // Snapshots pile up otherwise, one for each restart.
                        "autopurge.snapRetainCount=3",
                        "autopurge.purgeInterval=1",
                        // The AppHost asks for the state and the sessions; newer ZooKeepers answer only what is listed.
                        "4lw.commands.whitelist=ruok,dump",
                        "admin.enableServer=false",
                    ],
                    cancellationToken);
            })
            .WithServerHealth(new ZooKeeperHealthCheck(port));
    }
}
