using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>Turns on <see cref="RestartPolicy"/>.</summary>
internal static class RestartExtensions
{
    /// <summary>Follows the services from the start on. Those that are marked are started again when they exit by themselves.</summary>
    public static void AddRestartPolicy(this IDistributedApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<StopIntentions>();
        builder.Services.TryAddSingleton<RestartPolicy>();
        // Not as a hosted service: those that come after the orchestrator start only when everything has started.
        builder.OnBeforeStart((start, cancellationToken) =>
        {
            var policy = start.Services.GetRequiredService<RestartPolicy>();
            var stopping = start.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            _ = Task.Run(() => policy.RunAsync(stopping), cancellationToken);
            return Task.CompletedTask;
        });
    }

    /// <summary>Starts the service again when it exits without having been told to, unless <c>Restart:Enabled</c> is false.</summary>
    public static IResourceBuilder<ProjectResource> WithRestartOnExit(this IResourceBuilder<ProjectResource> service, AppHostSettings settings) =>
        settings.RestartServices ? service.WithAnnotation(new RestartOnExitAnnotation()) : service;
}
