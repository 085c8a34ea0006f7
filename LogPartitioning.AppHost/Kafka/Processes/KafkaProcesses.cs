namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>Brokers as processes of this machine, on loopback, that elect their controller among themselves (KRaft).</summary>
/// <param name="settings">What they need.</param>
internal class KafkaProcesses(KafkaProcessSettings settings) : IKafkaBrokerHost
{
    private const string Heap = "256m";
    private const string Listener = "tcp";

    /// <summary>What the brokers need.</summary>
    protected KafkaProcessSettings Settings => settings;

    /// <summary>Options of the Java launcher beside those that every program gets.</summary>
    protected virtual IReadOnlyList<string> JavaOptions => [];

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
            KRaftStorage.ClusterIdIn(settings.Folder),
            [.. Enumerable.Range(1, brokers).Select(id => new BrokerLayout(id, cluster.BrokerName(id), ports[id - 1], ports[brokers + id - 1], BrokerFolder(id)))]);
    }

    /// <summary>The folder of a broker.</summary>
    protected string BrokerFolder(int id) => Path.Combine(settings.Folder, $"broker-{id}");

    /// <summary>Adds a broker's process.</summary>
    protected IResourceBuilder<ExecutableResource> AddBroker(IResourceBuilder<KafkaClusterResource> cluster, ClusterLayout layout, BrokerLayout broker)
    {
        var resource = AddJava(cluster, broker.Name, broker.Folder, Heap, "kafka.Kafka", broker.PropertiesFile, Properties(layout, broker))
            // Not proxied: the broker itself tells clients where it listens.
            .WithEndpoint(port: broker.Port, targetPort: broker.Port, scheme: "tcp", name: Listener, isProxied: false)
            .OnBeforeResourceStarted((_, _, cancellationToken) => PrepareAsync(layout, broker, cancellationToken))
            // Not before: a start that fails has changed no data.
            .OnResourceReady((_, _, _) =>
            {
                KafkaDataFolder.Mark(settings.Folder, settings.Distribution);
                return Task.CompletedTask;
            });
        cluster.Resource.Add(broker.Id, resource, resource.GetEndpoint(Listener));
        return resource;
    }

    /// <summary>Adds a program of the distribution, whose property file and log configuration are written before each start.</summary>
    protected IResourceBuilder<ExecutableResource> AddJava(
        IResourceBuilder<KafkaClusterResource> cluster, string name, string folder, string heap, string mainClass, string propertiesFile, JavaProperties properties)
    {
        Directory.CreateDirectory(folder);
        var program = new JavaProgram(settings.Distribution, folder);
        var resource = cluster.ApplicationBuilder
            .AddExecutable(name, settings.Java, folder, program.Arguments(heap, JavaOptions, mainClass, propertiesFile))
            .WithParentRelationship(cluster)
            .OnBeforeResourceStarted(async (_, _, cancellationToken) =>
            {
                await program.WriteLogConfigurationAsync(cancellationToken);
                await properties.WriteAsync(propertiesFile, cancellationToken);
            });
        return JavaProgram.Environment.Aggregate(resource, (java, variable) => java.WithEnvironment(variable.Key, variable.Value));
    }

    /// <summary>A broker's <c>server.properties</c>.</summary>
    protected internal virtual JavaProperties Properties(ClusterLayout layout, BrokerLayout broker) =>
        BrokerProperties.KRaft(settings.Distribution, layout, broker).With(BrokerProperties.Common(settings, layout, broker));

    /// <summary>Does what must be done before a broker starts, when its files are written.</summary>
    protected virtual Task PrepareAsync(ClusterLayout layout, BrokerLayout broker, CancellationToken cancellationToken) =>
        KRaftStorage.FormatAsync(settings, layout, broker, cancellationToken);
}
