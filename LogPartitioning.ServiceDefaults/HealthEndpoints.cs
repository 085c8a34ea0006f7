using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.ServiceDefaults;

/// <summary>
/// <c>/health</c>: may the service be sent work (every check); <c>/alive</c>: need it be restarted (checks tagged <c>live</c>).
/// </summary>
public static class HealthEndpoints
{
    /// <summary>The tag of checks that say whether the service has to be restarted.</summary>
    public const string LiveTag = "live";

    internal static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var checks = routes.ServiceProvider.GetRequiredService<HealthCheckService>();
        Map(routes, "/health", new(checks, static _ => true));
        Map(routes, "/alive", new(checks, static registration => registration.Tags.Contains(LiveTag)));
    }

    private static void Map(IEndpointRouteBuilder routes, string path, ProbedHealth health) =>
        routes.Map(path, async context => await WriteAsync(context, await health.ReadAsync(context.RequestAborted)))
            .DisableHttpMetrics()
            .AllowAnonymous();

    /// <summary>Names and states alone: a check's exception may carry a connection string.</summary>
    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store, no-cache";
        return context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                checks = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new { status = entry.Value.Status.ToString(), description = entry.Value.Exception is null ? entry.Value.Description : null }),
            },
            context.RequestAborted);
    }
}
