using System.Globalization;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Processes;

/// <summary>PostgreSQL as a process of this machine.</summary>
/// <param name="command">What runs it.</param>
/// <param name="folder">Its folder.</param>
internal sealed class PostgresProcessResource(string command, string folder) : ExecutableResource("postgres", command, folder);

/// <summary>A database of <see cref="PostgresProcessResource"/>.</summary>
/// <param name="name">Its name, the connection string's too.</param>
/// <param name="server">The server.</param>
/// <param name="connectionString">How to connect.</param>
internal sealed class PostgresProcessDatabase(string name, PostgresProcessResource server, ReferenceExpression connectionString)
    : Resource(name), IResourceWithParent<PostgresProcessResource>, IResourceWithConnectionString
{
    /// <inheritdoc/>
    public PostgresProcessResource Parent => server;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => connectionString;
}

/// <summary>Adds <see cref="PostgresProcessResource"/>.</summary>
internal static class PostgresProcess
{
    private const string Script = "Processes/postgres.sh";
    private const string Listener = "tcp";

    /// <summary>Adds <c>postgres</c>, and its database <c>logs</c>.</summary>
    public static IResourceBuilder<PostgresProcessDatabase> AddPostgresProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers servers)
    {
        var folder = Path.Combine(settings.DataPath, "postgres");
        var passwordFile = Path.Combine(folder, "password");
        var password = builder.AddParameter("postgres-password", GeneratedPassword.In(passwordFile), secret: true);
        var port = settings.FreePorts.Next(settings.Ports.Postgres);
        var server = builder.AddResource(new PostgresProcessResource("/bin/sh", folder))
            .WithArgs(Path.Combine(builder.AppHostDirectory, Script), servers.PostgresBin, folder, port.ToString(CultureInfo.InvariantCulture))
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: Listener, isProxied: false);
        var endpoint = server.GetEndpoint(Listener);
        var connectionString = ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.IPV4Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password.Resource};Database=logs");
        server.WithServerHealth(new PostgresHealthCheck(connectionString));
        var database = builder.AddResource(new PostgresProcessDatabase("logs", server.Resource, connectionString))
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "PostgresDatabase",
                State = KnownResourceStates.NotStarted,
                CreationTimeStamp = DateTime.UtcNow,
                Properties = [],
            })
            .WithServerHealth(new PostgresHealthCheck(connectionString));
        server.OnResourceReady((_, ready, _) => ready.Services.GetRequiredService<ResourceNotificationService>()
            .PublishUpdateAsync(database.Resource, snapshot => snapshot with { State = KnownResourceStates.Running, StartTimeStamp = DateTime.UtcNow }));
        return database;
    }
}
