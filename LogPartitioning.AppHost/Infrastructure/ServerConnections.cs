namespace LogPartitioning.AppHost.Infrastructure;

/// <summary>What the services get of the servers, the same in every mode.</summary>
/// <param name="Kafka">The bootstrap servers, named <c>kafka</c>.</param>
/// <param name="Logs">The PostgreSQL database of the events, named <c>logs</c>.</param>
/// <param name="Redis">The live state of the group, named <c>redis</c>.</param>
/// <param name="WaitFor">The servers that must be healthy before a service starts; none where they are not ours.</param>
/// <param name="BrokerVersion">The brokers' version where clients cannot find it out themselves, else null.</param>
internal sealed record ServerConnections(
    IResourceBuilder<IResourceWithConnectionString> Kafka,
    IResourceBuilder<IResourceWithConnectionString> Logs,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IReadOnlyList<IResourceBuilder<IResource>> WaitFor,
    string? BrokerVersion = null);
