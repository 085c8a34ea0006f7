using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;

namespace LogPartitioning.ServiceDefaults.OwnLogs;

/// <summary>Sends a service's own logs into the system, where a setting asks for it.</summary>
internal static class OwnLogsExport
{
    /// <summary>How long a request for the gateway is tried again while nobody takes it: as long as a start of the whole takes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Adds it.</summary>
    /// <param name="builder">The service.</param>
    /// <param name="configure">How log records are made, whoever takes them.</param>
    public static void AddOwnLogs(this IHostApplicationBuilder builder, Action<OpenTelemetryLoggerOptions> configure)
    {
        builder.Services.AddValidatedOptions<OwnLogsOptions>(OwnLogsOptions.Section);
        if (string.IsNullOrWhiteSpace(builder.Configuration[$"{OwnLogsOptions.Section}:{nameof(OwnLogsOptions.Gateway)}"]))
        {
            return;
        }

        builder.Services.AddSingleton<OwnLogsLink>();
        builder.Services.AddHostedService<OwnLogsLinking>();
        builder.Logging.AddOpenTelemetry(logging =>
        {
            configure(logging);
            logging.AddProcessor(Processor);
        });
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]))
        {
            builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName));
        }
    }

    private static OwnLogsProcessor Processor(IServiceProvider services)
    {
        var options = OptionsOf(services);
        var link = services.GetRequiredService<OwnLogsLink>();
        var exporter = new OtlpLogExporter(new OtlpExporterOptions
        {
            Endpoint = options.Endpoint,
            Protocol = OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)(2 * s_patience).TotalMilliseconds,
            HttpClientFactory = () => new HttpClient(new OwnLogsHandler(link, s_patience)
            {
                InnerHandler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false },
            })
            {
                Timeout = Timeout.InfiniteTimeSpan,
            },
        });
        return new(exporter, options, services.GetRequiredService<TimeProvider>(), link);
    }

    /// <summary>Loggers come before the start, which is what tells of wrong settings; with these nothing is ever sent.</summary>
    private static OwnLogsOptions OptionsOf(IServiceProvider services)
    {
        try
        {
            return services.GetRequiredService<OwnLogsOptions>();
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            return new() { Gateway = "http://localhost" };
        }
    }
}
