using System.Globalization;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Processes;

/// <summary>Redis as a process of this machine.</summary>
/// <param name="command">The server program.</param>
/// <param name="folder">Its folder.</param>
/// <param name="password">What clients must say.</param>
internal sealed class RedisProcessResource(string command, string folder, ParameterResource password)
    : ExecutableResource("redis", command, folder), IResourceWithConnectionString
{
    internal const string Listener = "tcp";

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression
    {
        get
        {
            var endpoint = new EndpointReference(this, Listener);
            return ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.IPV4Host)}:{endpoint.Property(EndpointProperty.Port)},password={password}");
        }
    }
}

/// <summary>Adds <see cref="RedisProcessResource"/>.</summary>
internal static class RedisProcess
{
    /// <summary>Adds <c>redis</c>. It keeps nothing on disk: what it holds is live state that may be lost.</summary>
    public static IResourceBuilder<RedisProcessResource> AddRedisProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers servers)
    {
        var folder = Path.Combine(settings.DataPath, "redis");
        var secret = GeneratedPassword.In(Path.Combine(folder, "password"));
        var password = builder.AddParameter("redis-password", secret, secret: true);
        var configuration = Path.Combine(folder, "redis.conf");
        var port = settings.FreePorts.Next(settings.Ports.Redis);
        var resource = new RedisProcessResource(servers.Redis, folder, password.Resource);
        return builder.AddResource(resource)
            .WithArgs(configuration)
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: RedisProcessResource.Listener, isProxied: false)
            .OnBeforeResourceStarted((_, _, _) =>
            {
                // In a file, not on the command line, which every user of the machine can read.
                PrivateFile.Write(configuration, string.Create(CultureInfo.InvariantCulture, $"""
                    bind 127.0.0.1
                    port {port}
                    requirepass {secret}
                    dir {folder}
                    save ""
                    appendonly no
                    daemonize no
                    maxmemory 256mb
                    maxmemory-policy volatile-ttl

                    """));
                return Task.CompletedTask;
            })
            .WithServerHealth(new RedisHealthCheck(resource.ConnectionStringExpression));
    }
}
