using System.Globalization;
using LogPartitioning.AppHost.Kafka.Health;

namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>Brokers as processes of this machine, on loopback, that elect their controller among themselves (KRaft).</summary>
/// <param name="settings">What they need.</param>
internal class KafkaProcesses(KafkaProcessSettings settings) : IKafkaBrokerHost
{
    private const string Heap = "256m";
    private const string Listener = "tcp";

    /// <summary>What the brokers need.</summary>
    protected KafkaProcessSettings Settings => settings;

    /// <inheritdoc/>
    public virtual void AddBrokers(IResourceBuilder<KafkaClusterResource> cluster, int brokers)
    {
        var layout = Arrange(cluster.Resource, brokers);
        foreach (var broker in layout.Brokers)
        {
            AddBroker(cluster, layout, broker);
        }
    }

    /// <summary>Gives each broker its ports and its folder.</summary>
    protected internal virtual ClusterLayout Arrange(KafkaClusterResource cluster, int brokers)
    {
        var ports = Enumerable.Range(0, brokers * 2).Select(i => settings.NextPort(settings.FirstPort + i)).ToList();
        return new ClusterLayout(
            settings.Folder,
            KRaftStorage.ClusterIdIn(settings.Folder),
            [.. Enumerable.Range(1, brokers).Select(id => new BrokerLayout(id, cluster.BrokerName(id), ports[id - 1], ports[brokers + id - 1], BrokerFolder(id)))],
            settings.DefaultPartitions);
    }

    /// <summary>The folder of a broker.</summary>
    protected string BrokerFolder(int id) => Path.Combine(settings.Folder, string.Create(CultureInfo.InvariantCulture, $"broker-{id}"));

    /// <summary>Adds a broker's process.</summary>
    protected IResourceBuilder<ExecutableResource> AddBroker(IResourceBuilder<KafkaClusterResource> cluster, ClusterLayout layout, BrokerLayout broker)
    {
        Directory.CreateDirectory(broker.Folder);
        var resource = AddJava(cluster, broker.Name, broker.Folder, Heap, "kafka.Kafka", broker.PropertiesFile)
            // Not proxied: the broker itself tells clients where it listens.
            .WithEndpoint(port: broker.Port, targetPort: broker.Port, scheme: "tcp", name: Listener, isProxied: false)
            .OnBeforeResourceStarted(async (_, _, cancellationToken) =>
            {
                await LogConfiguration.WriteAsync(settings.Distribution, broker.Folder, cancellationToken);
                await File.WriteAllLinesAsync(broker.PropertiesFile, Properties(layout, broker), cancellationToken);
                await PrepareAsync(layout, broker, cancellationToken);
            })
            // Not before: a start that fails has changed no data.
            .OnResourceReady((_, _, _) =>
            {
                KafkaDataFolder.Mark(settings.Folder, settings.Distribution);
                return Task.CompletedTask;
            });
        var endpoint = resource.GetEndpoint(Listener);
        resource.WithBrokerHealth(new KafkaBrokerHealthCheck(broker.Id, endpoint));
        cluster.Resource.Add(new KafkaBroker(broker.Id, resource.Resource, endpoint));
        return resource;
    }

    /// <summary>Adds a program of the distribution.</summary>
    protected IResourceBuilder<ExecutableResource> AddJava(
        IResourceBuilder<KafkaClusterResource> cluster, string name, string folder, string heap, string mainClass, params string[] args) =>
        cluster.ApplicationBuilder
            .AddExecutable(name, settings.Java, folder, JavaArguments.For(settings.Distribution, heap, folder, JavaOptions, mainClass, args))
            .WithParentRelationship(cluster);

    /// <summary>Options of the Java launcher beside those that every program gets.</summary>
    protected virtual IReadOnlyList<string> JavaOptions => [];

    /// <summary>The lines of a broker's <c>server.properties</c>.</summary>
    protected internal virtual IReadOnlyList<string> Properties(ClusterLayout layout, BrokerLayout broker) =>
        [.. BrokerProperties.KRaft(settings.Distribution, layout, broker), .. BrokerProperties.Common(layout, broker)];

    /// <summary>Does what must be done before a broker starts.</summary>
    protected virtual Task PrepareAsync(ClusterLayout layout, BrokerLayout broker, CancellationToken cancellationToken) =>
        KRaftStorage.FormatAsync(settings, layout, broker, cancellationToken);
}
