using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Processes;

/// <summary>Health checks of servers that the AppHost starts.</summary>
internal static class ServerHealthExtensions
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The resource counts as healthy when <paramref name="check"/> says so, within 5 s.</summary>
    public static IResourceBuilder<T> WithServerHealth<T>(this IResourceBuilder<T> resource, IHealthCheck check)
        where T : IResource
    {
        var key = $"{resource.Resource.Name}_check";
        resource.ApplicationBuilder.Services.AddHealthChecks()
            .Add(new HealthCheckRegistration(key, check, HealthStatus.Unhealthy, tags: null, Timeout));
        return resource.WithHealthCheck(key);
    }
}
