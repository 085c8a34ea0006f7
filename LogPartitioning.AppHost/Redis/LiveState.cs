using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Redis;

/// <summary>Redis, which holds the live state of the group.</summary>
internal static class LiveState
{
    /// <summary>Adds <c>redis</c>, from where <see cref="AppHostSettings.Mode"/> says. It keeps nothing on disk: live state may be lost.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddLiveState(this IDistributedApplicationBuilder builder, AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => builder.AddRedis("redis", settings.Ports.OfContainer(settings.Ports.Redis)),
        InfrastructureMode.Processes => builder.AddRedisProcess(settings, settings.Servers!),
        _ => builder.AddConnectionString("redis"),
    };
}
