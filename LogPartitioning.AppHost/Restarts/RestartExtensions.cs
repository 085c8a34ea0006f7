using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>Turns on <see cref="RestartPolicy"/>.</summary>
internal static class RestartExtensions
{
    /// <summary>Follows the services from the start on. Those that are marked are started again when they exit by themselves.</summary>
    public static void AddRestartPolicy(this IDistributedApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<IntendedStops>();
        builder.RunFromStart<RestartPolicy>((policy, _) => policy.RunAsync);
    }

    /// <summary>Starts the service again when it exits without having been told to, unless <c>Restart:Enabled</c> is false.</summary>
    public static IResourceBuilder<ProjectResource> WithRestartOnExit(this IResourceBuilder<ProjectResource> service, AppHostSettings settings) =>
        settings.RestartServices ? service.WithAnnotation(new RestartOnExitAnnotation()) : service;
}

/// <summary>Marks a resource that is started again when it exits by itself.</summary>
internal sealed class RestartOnExitAnnotation : IResourceAnnotation;
