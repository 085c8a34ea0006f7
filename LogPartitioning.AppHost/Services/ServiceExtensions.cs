using System.Globalization;
using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.AppHost.Postgres;
using LogPartitioning.AppHost.Restarts;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>What every service of the application gets.</summary>
internal static class ServiceExtensions
{
    /// <summary>Adds a service that listens on HTTP, runs in the AppHost's environment, and is started again when it exits by itself.</summary>
    public static IResourceBuilder<ProjectResource> AddService<TProject>(
        this IDistributedApplicationBuilder builder, string name, AppHostSettings settings, int? port = null)
        where TProject : IProjectMetadata, new()
    {
        var service = builder.AddProject<TProject>(name, options => options.ExcludeLaunchProfile = true)
            // Not through the orchestrator's proxy, which would be one more hop for each request.
            .WithHttpEndpoint(port: port ?? settings.FreePorts.Any(), isProxied: false)
            .WithHttpHealthCheck("/health")
            .WithoutTls()
            // Settings are read once, at the start; watching their files would only use up the system's inotify watches.
            .WithEnvironment("DOTNET_hostBuilder__reloadConfigOnChange", "false")
            .WithStoreShare(settings)
            .WithServiceSettings(settings)
            // A name in the environment that the AppHost was started in would be that of all services.
            .WithEnvironment("OTEL_SERVICE_NAME", name)
            .WithRestartOnExit(settings)
            .RunsAsBuiltProgram();
        if (builder.ExecutionContext.IsRunMode)
        {
            // Without a launch profile its environment would be Production.
            service.WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName);
        }

        return settings.Servers is { } servers && FallbackKafka.VersionForClients(servers.Kafka) is { } version
            ? service.WithEnvironment("Kafka__BrokerVersion", version)
            : service;
    }

    /// <summary>Gives the service its share of PostgreSQL's connections; of a server of the user's own nothing is known here.</summary>
    private static IResourceBuilder<ProjectResource> WithStoreShare(this IResourceBuilder<ProjectResource> service, AppHostSettings settings) =>
        settings.Mode is InfrastructureMode.External ? service : service.WithEnvironment("Store__MaxConnections", settings.Store.ForService.ToString(CultureInfo.InvariantCulture));

    // Services listen on loopback without TLS; else the dashboard would ask for a trusted development certificate.
    private static IResourceBuilder<ProjectResource> WithoutTls(this IResourceBuilder<ProjectResource> service)
    {
#pragma warning disable ASPIRECERTIFICATES001 // For evaluation only, so it may change.
        return service.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
    }

    /// <summary>Gives the service a connection string, and lets it start when the server is healthy; the user's own servers are not waited for.</summary>
    public static IResourceBuilder<ProjectResource> DependsOn(
        this IResourceBuilder<ProjectResource> service, IResourceBuilder<IResourceWithConnectionString> server)
    {
        service.WithReference(server);
        return server.Resource switch
        {
            // Once the cluster stands, a service need not wait for a broker that is down.
            KafkaClusterResource { Brokers.Count: > 0 } => service.WaitForStart(server),
            KafkaClusterResource or ParameterResource => service,
            _ => service.WaitFor(server),
        };
    }

    /// <summary>Gives the service the store's connection string, as a role that may do what services do, and lets it start when the role is there.</summary>
    public static IResourceBuilder<ProjectResource> DependsOn(this IResourceBuilder<ProjectResource> service, LogStoreAccess store) => store.Services is null
        ? service.DependsOn(store.Database)
        // A reference would hand over the superuser's password, too.
        : service.WithEnvironment("ConnectionStrings__logs", store.Services).WithReferenceRelationship(store.Database).WaitFor(store.Database);

    /// <summary>Lets the service make the store's tables and move them on, as their owner.</summary>
    public static IResourceBuilder<ProjectResource> Migrates(this IResourceBuilder<ProjectResource> service, LogStoreAccess store) => store.Owner is null
        ? service
        : service.WithEnvironment("ConnectionStrings__logs_owner", store.Owner);
}
