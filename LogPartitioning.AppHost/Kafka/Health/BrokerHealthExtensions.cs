using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Kafka.Health;

/// <summary>Health checks of brokers and their cluster.</summary>
internal static class BrokerHealthExtensions
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The resource counts as healthy when <paramref name="check"/>, and no other check, says so within 5 s.</summary>
    public static IResourceBuilder<T> WithBrokerHealth<T>(this IResourceBuilder<T> resource, IHealthCheck check)
        where T : IResource
    {
        var key = $"{resource.Resource.Name}_joined";
        foreach (var other in resource.Resource.Annotations.OfType<HealthCheckAnnotation>().ToList())
        {
            resource.Resource.Annotations.Remove(other);
        }

        resource.ApplicationBuilder.Services.AddHealthChecks()
            .Add(new HealthCheckRegistration(key, check, HealthStatus.Unhealthy, tags: null, Timeout));
        return resource.WithHealthCheck(key);
    }
}
