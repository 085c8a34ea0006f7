using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Containers;

/// <summary>Redis as a container.</summary>
internal static class RedisContainer
{
    /// <summary>Adds <c>redis</c>, without a volume: what it holds is live state that may be lost.</summary>
    public static IResourceBuilder<RedisResource> AddRedisContainer(this IDistributedApplicationBuilder builder, AppHostSettings settings) =>
        builder.AddRedis("redis", settings.Ports.Random ? null : settings.Ports.Redis);
}
