using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace LogPartitioning.Tests.ServiceDefaults;

/// <summary>What a service sends to a collector. It sends the last of it when it stops, so the tests stop it and look.</summary>
public sealed partial class TelemetryTests
{
    [Fact]
    public async Task Without_a_collector_nothing_is_traced()
    {
        await using var app = Build(null);

        Assert.Null(app.Services.GetService<TracerProvider>());
    }

    [Fact]
    public async Task Requests_are_traced_and_probes_scrapes_and_the_calls_of_background_loops_are_not()
    {
        await using var collector = await Collector.StartAsync();
        using var database = new ActivitySource("Npgsql");
        await using (var app = Build(collector))
        {
            app.MapGet("/work", () =>
            {
                using var statement = database.StartActivity("statement of a request", ActivityKind.Client);
                return "done";
            });
            await app.StartAsync();
            // A client in the service's own process is one of its background loops, which tells others not to record either.
            using var handler = new SocketsHttpHandler { ActivityHeadersPropagator = null };
            using var client = new HttpClient(handler) { BaseAddress = new(app.Urls.Single()) };
            foreach (var path in (string[])["/health", "/alive", "/metrics", "/work"])
            {
                using var response = await client.GetAsync(path);
                Assert.True(response.IsSuccessStatusCode);
            }

            using (database.StartActivity("statement of a loop", ActivityKind.Client))
            {
                Assert.False(Activity.Current?.Recorded);
            }

            await app.StopAsync();
        }

        var traces = collector.Received("traces");
        Assert.Equal(
            [true, true, false, false, false, false],
            ((string[])["GET /work", "statement of a request", "statement of a loop", "/health", "/alive", "/metrics"])
                .Select(text => traces.Contains(text, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_log_line_arrives_once_with_its_category_and_scope()
    {
        await using var collector = await Collector.StartAsync();
        await using (var app = Build(collector))
        {
            await app.StartAsync();
            var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("LogPartitioning.Sample");
            using (log.BeginScope(new Dictionary<string, object> { ["worker"] = "consumer-1/0" }))
            {
                LogBehind(log, 7);
            }

            await app.StopAsync();
        }

        var logs = collector.Received("logs");
        Assert.Equal(1, CountOf("Partition 7 is far behind", logs));
        Assert.All((string[])["LogPartitioning.Sample", "consumer-1/0", "Partition"], text => Assert.Contains(text, logs, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_metrics_of_the_application_arrive_with_their_partition()
    {
        await using var collector = await Collector.StartAsync();
        // Its value is one that nothing else in this process has.
        var partition = new KeyValuePair<string, object?>("partition", Guid.NewGuid().ToString());
        await using (var app = Build(collector))
        {
            await app.StartAsync();
            var meter = app.Services.GetRequiredService<IMeterFactory>().Create("LogPartitioning.Consumer");
            meter.CreateCounter<long>("log_events_processed_by_partition").Add(5, partition);
            meter.CreateObservableGauge("kafka_consumer_lag", () => new Measurement<long>(3, partition));
            await app.StopAsync();
        }

        var metrics = collector.Received("metrics");
        Assert.All((string[])["log_events_processed_by_partition", "kafka_consumer_lag"], name => Assert.Contains(name, metrics, StringComparison.Ordinal));
        Assert.Equal(2, CountOf((string)partition.Value!, metrics));
    }

    private static int CountOf(string text, string all) => all.Split(text).Length - 1;

    [LoggerMessage(1, LogLevel.Warning, "Partition {Partition} is far behind")]
    private static partial void LogBehind(ILogger log, int partition);

    private static WebApplication Build(Collector? collector)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        collector?.Configure(builder.Configuration);
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        return app;
    }
}
