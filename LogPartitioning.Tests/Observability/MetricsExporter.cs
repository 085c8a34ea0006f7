using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Observability;

/// <summary>
/// A scrape target that exports every documented metric and those of the runtime and of ASP.NET Core that the dashboard
/// uses. Counters rise with every scrape, so that rates are not zero.
/// </summary>
internal sealed class MetricsExporter : IAsyncDisposable
{
    private static readonly double[] BucketBounds = [0.001, 0.01, 0.1, 1, 10];

    private static readonly IReadOnlyList<DocumentedMetric> FromLibraries =
    [
        new("http_server_request_duration_seconds", MetricKind.Histogram, "http_response_status_code"),
        new("dotnet_process_cpu_time_seconds_total", MetricKind.Counter),
        new("dotnet_process_memory_working_set_bytes", MetricKind.Gauge),
    ];

    private readonly WebApplication _application;
    private int _scrapes;

    private MetricsExporter(WebApplication application) => _application = application;

    /// <summary>Where it listens, as host:port.</summary>
    public string Address => new Uri(_application.Urls.Single()).Authority;

    public static async Task<MetricsExporter> StartAsync(CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication application = builder.Build();
        MetricsExporter exporter = new(application);
        application.Run(context => context.Response.WriteAsync(exporter.Export(), context.RequestAborted));
        await application.StartAsync(cancellationToken);
        return exporter;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private string Export()
    {
        int scrape = Interlocked.Increment(ref _scrapes);
        StringBuilder text = new();
        foreach (DocumentedMetric metric in DocumentedMetric.All.Concat(FromLibraries))
        {
            Append(text, metric, scrape);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, DocumentedMetric metric, int scrape)
    {
        string labels = string.Join(',', metric.Labels.Select(label => $"{label}=\"1\""));
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {metric.Name} {metric.Kind.ToString().ToLowerInvariant()}\n");
        if (metric.Kind != MetricKind.Histogram)
        {
            text.Append(CultureInfo.InvariantCulture, $"{metric.Name}{{{labels}}} {(metric.Kind == MetricKind.Counter ? scrape * 10 : 2)}\n");
            return;
        }

        string separator = labels.Length == 0 ? string.Empty : ",";
        foreach (double bound in BucketBounds)
        {
            text.Append(CultureInfo.InvariantCulture, $"{metric.Name}_bucket{{{labels}{separator}le=\"{bound}\"}} {(bound < 0.1 ? 0 : scrape * 10)}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{metric.Name}_bucket{{{labels}{separator}le=\"+Inf\"}} {scrape * 10}\n");
        text.Append(CultureInfo.InvariantCulture, $"{metric.Name}_sum{{{labels}}} {scrape * 0.5}\n");
        text.Append(CultureInfo.InvariantCulture, $"{metric.Name}_count{{{labels}}} {scrape * 10}\n");
    }
}
