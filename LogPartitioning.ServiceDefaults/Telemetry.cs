using System.Diagnostics.Metrics;
using LogPartitioning.ServiceDefaults.OwnLogs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace LogPartitioning.ServiceDefaults;

/// <summary>Metrics for Prometheus and, where a collector listens, metrics, traces and logs for it.</summary>
internal static class Telemetry
{
    /// <summary>Every meter and activity source of the application is named <c>LogPartitioning.&lt;Service&gt;</c>.</summary>
    private const string OwnSources = "LogPartitioning.*";

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Bucket bounds in seconds: from a fast batch to the drain budget.</summary>
    private static readonly double[] s_secondsBuckets =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var otlp = !string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpoint]);
        if (otlp)
        {
            builder.Logging.AddOpenTelemetry(WithText);
        }

        builder.AddOwnLogs(WithText);

        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Npgsql", OwnSources)
                .AddView(BucketsForSeconds)
                // Scope labels would stand on every series and say only what the metric's name says.
                .AddPrometheusExporter(options =>
                {
                    options.ScopeInfoEnabled = false;
                    // No cached answer: the last scrape of an instance that stops has to hold its final values.
                    options.ScrapeResponseCacheDurationMilliseconds = 0;
                }));
        if (otlp)
        {
            // Without a collector the spans would cost as much and be thrown away.
            telemetry
                .WithTracing(tracing => tracing
                    .SetSampler(TraceSampling.From(builder.Configuration))
                    .AddAspNetCoreInstrumentation(options => options.Filter = IsNoProbe)
                    .AddHttpClientInstrumentation()
                    .AddNpgsql()
                    .AddSource(OwnSources))
                .UseOtlpExporter();
        }
    }

    private static void WithText(OpenTelemetryLoggerOptions logging)
    {
        logging.IncludeFormattedMessage = true;
        logging.IncludeScopes = true;
    }

    private static ExplicitBucketHistogramConfiguration? BucketsForSeconds(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s" } && instrument.Meter.Name.StartsWith("LogPartitioning.", StringComparison.Ordinal)
            ? new() { Boundaries = s_secondsBuckets }
            : null;

    /// <summary>Probes and scrapes come every few seconds and would drown the traces of requests.</summary>
    private static bool IsNoProbe(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/alive", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal);
}
