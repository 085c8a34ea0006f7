using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using FsCheck.Fluent;
using LogPartitioning.Otlp;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Producer.Ingest.Otlp;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Resources;
using Serilog;
using Serilog.Sinks.OpenTelemetry;

namespace LogPartitioning.Tests.Clients;

/// <summary>
/// Programs of .NET that log by OpenTelemetry, as they are: 10,000 events of four services, and the producer is killed in the middle (<see cref="ClientRun"/>). The exporter keeps what
/// it could not send only where <c>OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY</c> says so.
/// </summary>
[Collection(SharedApplication.Name)]
public sealed partial class OtlpDotnetTests(ApplicationFixture fixture)
{
    private const string Source = "round-trip";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly RunningApplication _application = fixture.Application;

    [ServerTheory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task The_sdk_sends_and_each_event_is_stored_once_and_in_order(OtlpExportProtocol protocol)
    {
        var run = new ClientRun(_application, $"sdk-{protocol}".ToLowerInvariant());
        var programs = run.Sources.Select(service => Program(service, protocol)).ToList();
        try
        {
            var stored = await run.StoresAllAsync(async () =>
            {
                var loggers = programs.Select(program => program.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.Orders")).ToList();
                for (var i = 0; i < ClientRun.Events; i++)
                {
                    Event(loggers[i % loggers.Count], i);
                }

                // A program that ends gives its exporter five seconds, and then what is not sent is lost.
                await StoredNumbers.SeesAsync(_application.Logs, run.Sources, ClientRun.Events, s_patience);
            });
            stored.AssertOnce();
            stored.AssertInOrder();
        }
        finally
        {
            programs.ForEach(program => program.Dispose());
        }

        var page = await _application.Gateway.GetFromJsonAsync<JsonElement>($"/api/logs?source={run.Sources[0]}&limit=1");
        var item = page.GetProperty("items")[0];
        Assert.Equal(("Warning", "event 0"), (item.GetProperty("level").GetString(), item.GetProperty("message").GetString()));
        var attributes = item.GetProperty("attributes");
        Assert.Equal(0, attributes.GetProperty("Number").GetInt32());
        Assert.Equal("event {Number}", attributes.GetProperty("{OriginalFormat}").GetString());
        Assert.Equal("Shop.Orders", attributes.GetProperty(OtlpNames.ScopeName).GetString());
    }

    [ServerFact]
    public async Task Serilog_sends_and_each_event_is_stored_once_and_in_order()
    {
        var run = new ClientRun(_application, "serilog-otlp");
        var stored = await run.StoresAllAsync(async () =>
        {
            var loggers = run.Sources.Select(service => new LoggerConfiguration()
                .WriteTo.OpenTelemetry(options =>
                {
                    options.Endpoint = Endpoint("otlp-http");
                    options.Protocol = OtlpProtocol.HttpProtobuf;
                    options.ResourceAttributes = new Dictionary<string, object> { ["service.name"] = service };
                    options.BatchingOptions.BatchSizeLimit = 500;
                    options.BatchingOptions.QueueLimit = null;
                    options.BatchingOptions.RetryTimeLimit = TimeSpan.FromMinutes(5);
                })
                .CreateLogger()).ToList();
            for (var i = 0; i < ClientRun.Events; i++)
            {
                loggers[i % loggers.Count].Warning("event {Number}", i);
            }

            await StoredNumbers.SeesAsync(_application.Logs, run.Sources, ClientRun.Events, s_patience);
            loggers.ForEach(logger => logger.Dispose());
        });
        stored.AssertOnce();
        stored.AssertInOrder();
    }

    [ServerFact]
    public async Task What_comes_in_by_otlp_goes_out_as_it_was()
    {
        // Odd ones, all of one source, so that they can be asked for together.
        var request = new ExportLogsServiceRequest();
        foreach (var sample in OtlpRequests.Requests().Generator.Sample(20))
        {
            request.ResourceLogs.Add(sample.ResourceLogs);
        }

        foreach (var resource in request.ResourceLogs)
        {
            resource.Resource = new OpenTelemetry.Proto.Resource.V1.Resource { Attributes = { new KeyValue { Key = "service.name", Value = new() { StringValue = Source } } } };
        }

        using var content = new ByteArrayContent(Google.Protobuf.MessageExtensions.ToByteArray(request));
        content.Headers.ContentType = new("application/x-protobuf");
        using var response = await _application.Gateway.PostAsync("/v1/logs", content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        var sent = OtlpRequests.Alone(request.ResourceLogs);
        var seen = await Eventually.SeesAsync(
            "the records again",
            async token =>
            {
                using var ask = new HttpRequestMessage(HttpMethod.Get, $"/api/logs/otlp?source={Source}&limit=1000");
                ask.Headers.Accept.ParseAdd("application/x-protobuf");
                using var answer = await _application.Gateway.SendAsync(ask, token);
                return OtlpRequests.Alone(LogsData.Parser.ParseFrom(await answer.Content.ReadAsByteArrayAsync(token)).ResourceLogs);
            },
            records => records.Count == sent.Count,
            TimeSpan.FromSeconds(60));
        Assert.Equal(Counted(sent), Counted(seen));
        static Dictionary<ResourceLogs, int> Counted(IEnumerable<ResourceLogs> records) => records.GroupBy(record => record).ToDictionary(group => group.Key, group => group.Count());
    }

    private ServiceProvider Program(string service, OtlpExportProtocol protocol)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection([new("OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY", "in_memory")]).Build());
        services.AddLogging(logging => logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService(service));
            options.AddOtlpExporter((exporter, processor) =>
            {
                exporter.Protocol = protocol;
                exporter.Endpoint = new(protocol == OtlpExportProtocol.Grpc ? Endpoint("otlp-grpc") : $"{Endpoint("otlp-http")}v1/logs");
                exporter.TimeoutMilliseconds = 120_000;
                processor.BatchExportProcessorOptions.MaxQueueSize = 2 * ClientRun.Events;
                processor.BatchExportProcessorOptions.ScheduledDelayMilliseconds = 200;
                processor.BatchExportProcessorOptions.ExporterTimeoutMilliseconds = 120_000;
            });
        }));
        return services.BuildServiceProvider();
    }

    private string Endpoint(string name) => _application.Application.GetEndpoint("gateway", name).ToString();

    [LoggerMessage(LogLevel.Warning, "event {Number}")]
    private static partial void Event(Microsoft.Extensions.Logging.ILogger logger, int number);
}
