using LogPartitioning.AppHost.Restarts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.AppHost.Scraping;

/// <summary>Keeps Prometheus's targets in step with the services: a spare consumer is one from its first start on, and a service that
/// was scaled away or stopped in order is none. One that died stays, and is missed.</summary>
internal static class ScrapedServices
{
    /// <summary>Writes the targets when Prometheus starts, and whenever they change.</summary>
    public static IResourceBuilder<T> Scrapes<T>(this IResourceBuilder<T> prometheus, PrometheusFolder folder, IReadOnlyList<EndpointReference> endpoints)
        where T : IResource => prometheus.OnBeforeResourceStarted(async (resource, start, cancellationToken) =>
        {
            var notifications = start.Services.GetRequiredService<ResourceNotificationService>();
            var intentions = start.Services.GetRequiredService<StopIntentions>();
            var stopping = start.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            var targets = endpoints.Where(endpoint => !IsSpare(endpoint.Resource)).ToHashSet();
            await folder.WriteTargetsAsync(new ScrapeTargets([.. targets]), cancellationToken);
            _ = Task.Run(() => FollowAsync(notifications, intentions, folder, endpoints, targets, stopping), stopping);
        });

    /// <summary>Whether a service is to be scraped.</summary>
    /// <param name="wasTarget">Whether it was until now.</param>
    /// <param name="state">Its state, one of <see cref="KnownResourceStates"/>.</param>
    /// <param name="stopIntended">Whether its stop is or was meant.</param>
    internal static bool IsTarget(bool wasTarget, string? state, bool stopIntended) =>
        state == KnownResourceStates.Running || (wasTarget && !(stopIntended && KnownResourceStates.TerminalStates.Contains(state)));

    private static bool IsSpare(IResource service) => service.Annotations.OfType<ExplicitStartupAnnotation>().Any();

    private static async Task FollowAsync(
        ResourceNotificationService notifications,
        StopIntentions intentions,
        PrometheusFolder folder,
        IReadOnlyList<EndpointReference> endpoints,
        HashSet<EndpointReference> targets,
        CancellationToken stopping)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(stopping))
            {
                var endpoint = endpoints.FirstOrDefault(candidate => candidate.Resource == change.Resource);
                if (endpoint is null)
                {
                    continue;
                }

                var isTarget = IsTarget(targets.Contains(endpoint), change.Snapshot.State?.Text, intentions.Contains(change.Resource.Name));
                if (isTarget ? targets.Add(endpoint) : targets.Remove(endpoint))
                {
                    await folder.WriteTargetsAsync(new ScrapeTargets([.. endpoints.Where(targets.Contains)]), stopping);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application stops.
        }
    }
}
