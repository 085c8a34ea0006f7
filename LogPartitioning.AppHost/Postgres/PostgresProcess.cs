using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Postgres;

/// <summary>A database of a PostgreSQL that is a process of this machine.</summary>
/// <param name="name">Its name, the connection string's too.</param>
/// <param name="server">The server.</param>
/// <param name="connectionString">How to connect.</param>
internal sealed class PostgresProcessDatabase(string name, ExecutableResource server, ReferenceExpression connectionString)
    : Resource(name), IResourceWithParent<ExecutableResource>, IResourceWithConnectionString
{
    /// <inheritdoc/>
    public ExecutableResource Parent => server;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => connectionString;
}

/// <summary>PostgreSQL as a process of this machine.</summary>
internal static class PostgresProcess
{
    private const string Script = "Postgres/postgres.sh";

    /// <summary>Adds <c>postgres</c>, and its database <c>logs</c>; both are healthy when the database answers <c>SELECT 1</c>.</summary>
    public static LogStoreAccess AddPostgresProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers servers)
    {
        var folder = Path.Combine(settings.DataPath, "postgres");
        var password = PrivateFile.Password(Path.Combine(folder, "password"));
        var secret = builder.AddParameter("postgres-password", password, secret: true);
        var port = settings.FreePorts.Next(settings.Ports.Postgres);
        var server = builder.AddExecutable("postgres", "/bin/sh", folder, Path.Combine(builder.AppHostDirectory, Script), servers.PostgresBin, folder, $"{port}", $"{settings.Store.Connections}")
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: "tcp", isProxied: false)
            .WithHealthCheck("postgres_check");
        var endpoint = server.GetEndpoint("tcp");
        var connectionString = ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.IPV4Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={secret.Resource};Database=logs");
        // Aspire reports a check to one resource, so each needs its own. Pooling would hold a connection open that a stopping server must then cut.
        var checkedDatabase = $"Host=127.0.0.1;Port={port};Username=postgres;Password={password};Database=logs;Pooling=false";
        builder.Services.AddHealthChecks()
            .AddNpgSql(checkedDatabase, name: "postgres_check", timeout: ResourceBuilding.HealthTimeout)
            .AddNpgSql(checkedDatabase, name: "logs_check", timeout: ResourceBuilding.HealthTimeout);
        var database = builder.AddResource(new PostgresProcessDatabase("logs", server.Resource, connectionString))
            .WithNotStartedState("PostgresDatabase")
            .WithHealthCheck("logs_check");
        server.OnResourceReady((_, ready, _) => ready.Services.GetRequiredService<ResourceNotificationService>()
            .PublishUpdateAsync(database.Resource, snapshot => snapshot with { State = KnownResourceStates.Running, StartTimeStamp = DateTime.UtcNow }));
        var roles = builder.AddStoreRoles(folder);
        database.OnResourceReady((_, _, token) => roles.MakeAsync(checkedDatabase, token));
        return roles.Access(database, endpoint);
    }
}
