using LogPartitioning.AppHost.Containers;
using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Kafka.Containers;
using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.AppHost.Kafka.Processes;
using LogPartitioning.AppHost.Processes;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>The servers behind the services, from where <see cref="AppHostSettings.Mode"/> says.</summary>
internal static class ServerExtensions
{
    /// <summary>Where the brokers run.</summary>
    public static IKafkaBrokerHost BrokerHost(this AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => new KafkaContainers(settings.Ports.Random ? null : settings.Ports.Kafka, ContainerVolumes.Prefix, settings.Topics.Partitions),
        InfrastructureMode.Processes when settings.Servers!.Kafka.UsesKRaft => new KafkaProcesses(settings.KafkaProcesses()),
        InfrastructureMode.Processes => new OldKafkaProcesses(settings.KafkaProcesses()),
        InfrastructureMode.External => new ExternalKafka(),
        _ => throw new InvalidOperationException($"The mode {settings.Mode} was not resolved."),
    };

    /// <summary>Adds <c>postgres</c> and its database: the connection string <c>logs</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddLogStore(this IDistributedApplicationBuilder builder, AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => builder.AddPostgresContainer(settings),
        InfrastructureMode.Processes => builder.AddPostgresProcess(settings, settings.Servers!),
        _ => builder.AddConnectionString("logs"),
    };

    /// <summary>Adds <c>redis</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddLiveState(this IDistributedApplicationBuilder builder, AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => builder.AddRedisContainer(settings),
        InfrastructureMode.Processes => builder.AddRedisProcess(settings, settings.Servers!),
        _ => builder.AddConnectionString("redis"),
    };
}
