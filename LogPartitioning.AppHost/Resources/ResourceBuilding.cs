using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.AppHost.Resources;

/// <summary>What resources of any kind need beside what Aspire has.</summary>
internal static class ResourceBuilding
{
    /// <summary>How long a health check may take.</summary>
    public static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Shows a resource that is no process and no container as not started, until another state is published.</summary>
    public static IResourceBuilder<T> WithNotStartedState<T>(this IResourceBuilder<T> resource, string type)
        where T : IResource => resource.WithInitialState(new CustomResourceSnapshot
        {
            ResourceType = type,
            State = KnownResourceStates.NotStarted,
            CreationTimeStamp = DateTime.UtcNow,
            Properties = [],
        });

    /// <summary>The resource counts as healthy when <paramref name="check"/>, and no other check, says so within 5 s.</summary>
    public static IResourceBuilder<T> WithOnlyHealthCheck<T>(this IResourceBuilder<T> resource, string key, IHealthCheck check)
        where T : IResource
    {
        foreach (var other in resource.Resource.Annotations.OfType<HealthCheckAnnotation>().ToList())
        {
            resource.Resource.Annotations.Remove(other);
        }

        resource.ApplicationBuilder.Services.AddHealthChecks()
            .Add(new HealthCheckRegistration(key, check, HealthStatus.Unhealthy, tags: null, HealthTimeout));
        return resource.WithHealthCheck(key);
    }

    /// <summary>Calls <paramref name="onChange"/> for each change of any resource, one after the other, until the application stops.</summary>
    public static async Task FollowAsync(this ResourceNotificationService notifications, Func<ResourceEvent, Task> onChange, CancellationToken stopping)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping))
            {
                await onChange(change);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application stops.
        }
    }

    /// <summary>Runs a <typeparamref name="T"/> in the background, from before the first resource starts until the application stops.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="prepare">What to run. Called before other handlers of the event may add resources.</param>
    /// <remarks>Not as a hosted service: those that come after the orchestrator start only when every resource has started.</remarks>
    public static void RunFromStart<T>(this IDistributedApplicationBuilder builder, Func<T, BeforeStartEvent, Func<CancellationToken, Task>> prepare)
        where T : class
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton<T>();
        builder.OnBeforeStart((start, cancellationToken) =>
        {
            var run = prepare(start.Services.GetRequiredService<T>(), start);
            var stopping = start.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            _ = Task.Run(() => run(stopping), cancellationToken);
            return Task.CompletedTask;
        });
    }
}
