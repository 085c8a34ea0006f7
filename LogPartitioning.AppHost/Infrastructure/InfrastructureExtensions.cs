using LogPartitioning.AppHost.Infrastructure.Containers;
using LogPartitioning.AppHost.Infrastructure.Processes;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Infrastructure;

/// <summary>Adds the servers that the services need, from where <see cref="AppHostSettings.Mode"/> says.</summary>
internal static class InfrastructureExtensions
{
    /// <summary>Adds three brokers, PostgreSQL and Redis.</summary>
    public static ServerConnections AddServers(this IDistributedApplicationBuilder builder, AppHostSettings settings) =>
        settings.Mode switch
        {
            InfrastructureMode.Containers => builder.AddContainerServers(settings),
            InfrastructureMode.Processes => builder.AddProcessServers(settings, settings.Servers!),
            InfrastructureMode.External => builder.AddExternalServers(),
            _ => throw new InvalidOperationException($"The mode {settings.Mode} was not resolved."),
        };

    /// <summary>Gives a service the three connection strings, and lets it start when the servers are healthy.</summary>
    public static IResourceBuilder<ProjectResource> WithServers(this IResourceBuilder<ProjectResource> service, ServerConnections servers)
    {
        service.WithReference(servers.Kafka).WithReference(servers.Logs).WithReference(servers.Redis);
        foreach (var server in servers.WaitFor)
        {
            service.WaitFor(server);
        }

        return servers.BrokerVersion is null ? service : service.WithEnvironment("Kafka__BrokerVersion", servers.BrokerVersion);
    }

    private static ServerConnections AddContainerServers(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        var brokers = builder.AddKafkaContainers(settings);
        var logs = builder.AddPostgresContainer(settings);
        var redis = builder.AddRedisContainer(settings);
        return new ServerConnections(
            builder.AddConnectionString("kafka", KafkaContainers.BootstrapServers(brokers)),
            logs,
            redis,
            [.. brokers, logs, redis]);
    }

    private static ServerConnections AddProcessServers(this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers installed)
    {
        Directory.CreateDirectory(settings.DataPath);
        var ports = new LoopbackPorts(settings.Ports);
        var brokers = builder.AddKafkaProcesses(settings, installed, ports);
        var (postgres, logs) = builder.AddPostgresProcess(settings, installed, ports);
        var redis = builder.AddRedisProcess(settings, installed, ports);
        return new ServerConnections(
            builder.AddConnectionString("kafka", KafkaProcesses.BootstrapServers(brokers)),
            builder.AddConnectionString("logs", logs),
            redis,
            [.. brokers, postgres, redis],
            installed.Kafka.NeedsVersionHint ? installed.Kafka.Version.ToString() : null);
    }

    private static ServerConnections AddExternalServers(this IDistributedApplicationBuilder builder) =>
        new(builder.AddConnectionString("kafka"), builder.AddConnectionString("logs"), builder.AddConnectionString("redis"), []);
}
