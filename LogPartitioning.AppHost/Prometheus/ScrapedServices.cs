using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Restarts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.AppHost.Prometheus;

/// <summary>Keeps Prometheus's targets in step with the services: a spare consumer becomes one with its first start, and a service that
/// was stopped on purpose is removed. One that died stays a target, so that its absence is seen.</summary>
internal static class ScrapedServices
{
    /// <summary>Writes the targets when Prometheus starts, and whenever they change.</summary>
    public static IResourceBuilder<T> Scrapes<T>(this IResourceBuilder<T> prometheus, PrometheusFolder folder, IReadOnlyList<EndpointReference> endpoints)
        where T : IResource => prometheus.OnBeforeResourceStarted(async (resource, start, cancellationToken) =>
        {
            var notifications = start.Services.GetRequiredService<ResourceNotificationService>();
            var intendedStops = start.Services.GetRequiredService<IntendedStops>();
            var stopping = start.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            var targets = endpoints.Where(endpoint => !IsSpare(endpoint.Resource)).ToHashSet();
            await folder.WriteTargetsAsync(targets, cancellationToken);
            _ = Task.Run(
                () => notifications.FollowAsync(
                    async change =>
                    {
                        var endpoint = endpoints.FirstOrDefault(candidate => candidate.Resource == change.Resource);
                        if (endpoint is null)
                        {
                            return;
                        }

                        var isTarget = IsTarget(targets.Contains(endpoint), change.Snapshot.State?.Text, intendedStops.Contains(change.Resource.Name));
                        if (isTarget ? targets.Add(endpoint) : targets.Remove(endpoint))
                        {
                            await folder.WriteTargetsAsync(endpoints.Where(targets.Contains), stopping);
                        }
                    },
                    stopping),
                stopping);
        });

    /// <summary>Whether a service is to be scraped.</summary>
    /// <param name="wasTarget">Whether it was until now.</param>
    /// <param name="state">Its state, one of <see cref="KnownResourceStates"/>.</param>
    /// <param name="stopIntended">Whether it is or was stopped on purpose.</param>
    internal static bool IsTarget(bool wasTarget, string? state, bool stopIntended) =>
        state == KnownResourceStates.Running || (wasTarget && !(stopIntended && KnownResourceStates.TerminalStates.Contains(state)));

    private static bool IsSpare(IResource service) => service.Annotations.OfType<ExplicitStartupAnnotation>().Any();
}
