using System.Text.Json.Serialization;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every service of the application shares: telemetry, health, resilience, problem details, access, OpenAPI.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Time that a host gives its services to stop: the drain budget of 30 s and a little for what follows it.</summary>
    private static readonly TimeSpan s_shutdownTimeout = TimeSpan.FromSeconds(35);

    /// <summary>Adds the shared services. Call it first.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddStructuredLogs();
        builder.AddTelemetry();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            // A POST whose answer was lost may have been carried out: repeating it is the caller's decision.
            http.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
            http.AddServiceDiscovery();
        });

        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [HealthEndpoints.LiveTag]);
        builder.Services.AddProblems();
        builder.Services.AddAccess();
        builder.Services.AddBodyLimits();
        builder.Services.AddWatchedBodies();
        builder.Services.AddRateLimiter(static _ => { });
        builder.Services.AddServerLimits();
        builder.Services.AddServerRefusals();
        builder.Services.AddOpenApiDocument();
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_shutdownTimeout);
        return builder;
    }

    /// <summary>Maps <c>/health</c>, <c>/alive</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>, turns failures into problem details, and lets in who may.</summary>
    /// <remarks>
    /// They are mapped in every environment: whatever starts the service waits for its health, which is open to everybody, and
    /// Prometheus scrapes it.
    /// They tell states and figures, never a connection string, a source or a message.
    /// </remarks>
    public static WebApplication MapDefaultEndpoints(this WebApplication app)
    {
        app.UseServerRefusals();
        app.UseAnsweredRefusals();
        app.UseExceptionHandler();
        app.UseServerLimits();
        app.UseStatusCodePages();
        // Before the keys are looked at: trying wrong ones is counted as any other request.
        app.UseRateLimiter();
        app.UseAccess();
        app.UseKnownQuery();
        app.UseWatchedBodies();
        app.MapHealth();
        app.MapPrometheusScrapingEndpoint().DisableHttpMetrics().RequireAuthorization(Roles.Read);
        app.MapOpenApi().RequireAuthorization(Roles.Read);
        return app;
    }
}
