using System.Globalization;
using LogPartitioning.AppHost.Infrastructure.Health;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Infrastructure.Processes;

/// <summary>PostgreSQL as a process of this machine.</summary>
internal static class PostgresProcess
{
    private const string Script = "Infrastructure/Processes/postgres.sh";
    private const string Listener = "tcp";

    /// <summary>Adds <c>postgres</c>, which holds the database <c>logs</c>.</summary>
    /// <returns>The server and its connection string.</returns>
    public static (IResourceBuilder<ExecutableResource> Server, ReferenceExpression ConnectionString) AddPostgresProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers servers, LoopbackPorts ports)
    {
        var folder = Path.Combine(settings.DataPath, "postgres");
        var passwordFile = Path.Combine(folder, "password");
        var password = builder.AddParameter("postgres-password", GeneratedPassword.In(passwordFile), secret: true);
        var port = ports.Next(settings.Ports.Postgres);
        var server = builder
            .AddExecutable("postgres", "/bin/sh", folder, Path.Combine(builder.AppHostDirectory, Script),
                servers.PostgresBin, folder, port.ToString(CultureInfo.InvariantCulture))
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: Listener, isProxied: false);
        var endpoint = server.GetEndpoint(Listener);
        var connectionString = ReferenceExpression.Create(
            $"Host={endpoint.Property(EndpointProperty.IPV4Host)};Port={endpoint.Property(EndpointProperty.Port)};Username=postgres;Password={password.Resource};Database=logs");
        server.WithServerHealth(new PostgresHealthCheck(connectionString));
        return (server, connectionString);
    }
}
