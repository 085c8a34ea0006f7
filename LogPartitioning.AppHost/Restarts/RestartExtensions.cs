using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>Turns on <see cref="RestartPolicy"/>.</summary>
internal static class RestartExtensions
{
    /// <summary>Starts the service again when it exits without having been told to, unless <c>Restart:Enabled</c> is false.</summary>
    public static IResourceBuilder<ProjectResource> WithRestartOnExit(this IResourceBuilder<ProjectResource> service, AppHostSettings settings)
    {
        var services = service.ApplicationBuilder.Services;
        services.TryAddSingleton<StopIntentions>();
        if (!settings.RestartServices)
        {
            return service;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddHostedService<RestartPolicy>();
        return service.WithAnnotation(new RestartOnExitAnnotation());
    }
}
