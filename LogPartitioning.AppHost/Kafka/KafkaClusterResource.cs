using LogPartitioning.AppHost.Resources;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>Several Kafka brokers that form one cluster, seen from outside as one thing with one connection string.</summary>
/// <remarks>
/// <para>The brokers are resources of their own, so that each can be watched, stopped and killed alone. The cluster is
/// <see cref="KnownResourceStates.Running"/> once all of them have joined it, and from then on as long as one of them runs, so that
/// a service that starts while a broker is down is not held up. Its health is what counts the brokers.</para>
/// <para>Connection properties: <c>BootstrapServers</c>.</para>
/// </remarks>
/// <param name="name">The resource's name, which the brokers' names begin with.</param>
public sealed class KafkaClusterResource(string name) : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
{
    private readonly List<KafkaBroker> _brokers = [];
    private ReferenceExpression? _bootstrapServers;

    /// <summary>The brokers in the order of their ids; none where the cluster is external.</summary>
    public IReadOnlyList<KafkaBroker> Brokers => _brokers;

    /// <summary>The bootstrap servers, <c>host:port</c> with commas between them.</summary>
    public ReferenceExpression ConnectionStringExpression => _bootstrapServers
        ?? throw new InvalidOperationException($"The cluster {Name} has no brokers yet.");

    /// <summary>The topics that the command <c>create-topics</c> creates.</summary>
    internal List<KafkaTopic> Topics { get; } = [];

    /// <summary>Whether the brokers create a topic when told to; old ones do so when first asked about it.</summary>
    internal bool CreatesTopicsOnRequest { get; set; } = true;

    /// <summary>How many brokers must be healthy for writes to be accepted.</summary>
    internal int MinInSyncReplicas => Math.Min(2, Math.Max(1, _brokers.Count));

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        [new("BootstrapServers", ConnectionStringExpression)];

    /// <summary>The name of a broker's resource.</summary>
    internal string BrokerName(int id) => $"{Name}-{id}";

    /// <summary>Adds a broker, which counts as healthy when it has joined the cluster.</summary>
    /// <param name="id">Its id, from 1.</param>
    /// <param name="broker">What runs it.</param>
    /// <param name="endpoint">Where clients on this machine reach it.</param>
    internal void Add<T>(int id, IResourceBuilder<T> broker, EndpointReference endpoint)
        where T : IResource
    {
        broker.WithOnlyHealthCheck($"{broker.Resource.Name}_joined", new KafkaBrokerHealthCheck(id, endpoint));
        _brokers.Add(new KafkaBroker(id, broker.Resource, endpoint));
        var list = new ReferenceExpressionBuilder();
        foreach (var known in _brokers)
        {
            list.AppendLiteral(list.IsEmpty ? "" : ",");
            list.AppendFormatted(known.Endpoint.Property(EndpointProperty.IPV4Host));
            list.AppendLiteral(":");
            list.AppendFormatted(known.Endpoint.Property(EndpointProperty.Port));
        }

        _bootstrapServers = list.Build();
    }

    internal void ConnectTo(ParameterResource bootstrapServers) => _bootstrapServers = ReferenceExpression.Create($"{bootstrapServers}");
}

/// <summary>One broker of a <see cref="KafkaClusterResource"/>.</summary>
/// <param name="Id">Its id, from 1.</param>
/// <param name="Resource">What runs it: a container or a process.</param>
/// <param name="Endpoint">Where clients on this machine reach it.</param>
public sealed record KafkaBroker(int Id, IResource Resource, EndpointReference Endpoint);

/// <summary>A topic as it should be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has, at least 1.</param>
/// <param name="ReplicationFactor">How many brokers keep each partition, at least 1.</param>
/// <param name="MinInSyncReplicas">How many replicas must have a record before it counts as written.</param>
/// <param name="Settings">Further settings of the topic; null: none.</param>
public sealed record KafkaTopic(
    string Name, int Partitions, short ReplicationFactor, int MinInSyncReplicas, IReadOnlyDictionary<string, string>? Settings = null);
