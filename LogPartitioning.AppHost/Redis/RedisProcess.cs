using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Redis;

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
    // Redis 7 takes a file's name for a pattern: a bracket in the path, and it would run without a configuration and a password.
    internal const string Shell = "/bin/sh";
    internal const string ReadStandardInput = $"exec \"$0\" - < {ConfigurationFile}";
    internal const string ConfigurationFile = "redis.conf";

    /// <summary>Adds <c>redis</c>. It keeps nothing on disk: what it holds is live state that may be lost.</summary>
    public static IResourceBuilder<RedisProcessResource> AddRedisProcess(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, InstalledServers servers)
    {
        var folder = Path.Combine(settings.DataPath, "redis");
        var password = PrivateFile.Password(Path.Combine(folder, "password"));
        var configuration = Path.Combine(folder, ConfigurationFile);
        var port = settings.FreePorts.Next(settings.Ports.Redis);
        builder.Services.AddHealthChecks().AddRedis(
            $"127.0.0.1:{port},password={password},connectTimeout=2000", name: "redis_check", timeout: ResourceBuilding.HealthTimeout);
        return builder.AddResource(new RedisProcessResource(Shell, folder, builder.AddParameter("redis-password", password, secret: true).Resource))
            .WithArgs("-c", ReadStandardInput, servers.Redis)
            .WithEndpoint(port: port, targetPort: port, scheme: "tcp", name: RedisProcessResource.Listener, isProxied: false)
            .OnBeforeResourceStarted((_, _, _) =>
            {
                // In a file, not on the command line, which every user of the machine can read.
                PrivateFile.Write(configuration, RedisConfiguration.ToText(
                [
                    ["bind", "127.0.0.1"],
                    ["port", $"{port}"],
                    ["requirepass", password],
                    ["dir", folder],
                    ["save", ""],
                    ["appendonly", "no"],
                    ["daemonize", "no"],
                    ["maxmemory", "256mb"],
                    ["maxmemory-policy", "volatile-ttl"],
                ]));
                return Task.CompletedTask;
            })
            .WithHealthCheck("redis_check");
    }
}
