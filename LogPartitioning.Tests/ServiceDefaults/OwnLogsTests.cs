using LogPartitioning.AppHost.Machine;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.OwnLogs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.ServiceDefaults;

/// <summary>A service that sends its own logs into the system.</summary>
public sealed partial class OwnLogsTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Lines_of_the_level_arrive_with_the_name_of_the_service()
    {
        await using var collector = await Collector.StartAsync();
        await using (var app = Build(collector.Address, ("OTEL_SERVICE_NAME", "consumer-7"), ("OwnLogs:MinimumLevel", "Warning")))
        {
            await app.StartAsync();
            LogBehind(Logger(app), 7);
            LogFine(Logger(app), 8);
            await app.StopAsync();
        }

        var logs = collector.Received("logs");
        Assert.Equal([true, true, false], ((string[])["consumer-7", "Partition 7 is far behind", "Partition 8 is fine"]).Select(text => logs.Contains(text, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_a_setting_nothing_is_sent()
    {
        await using var collector = await Collector.StartAsync();
        await using (var app = Build(""))
        {
            await app.StartAsync();
            LogBehind(Logger(app), 7);
            await app.StopAsync();
        }

        Assert.Equal("", collector.Received("logs"));
    }

    [Fact]
    public async Task What_is_refused_for_now_comes_again()
    {
        await using var collector = await Collector.StartAsync();
        collector.RefuseNext(2);
        await using var app = Build(collector.Address);
        await app.StartAsync();
        LogBehind(Logger(app), 7);
        await Eventually.SeesAsync("the line", _ => Task.FromResult(collector.Received("logs")), logs => logs.Contains("Partition 7 is far behind", StringComparison.Ordinal), s_patience);
    }

    /// <summary>A service that sends to itself, and would log each request: without the mark each line would bring others, for ever.</summary>
    [Fact]
    public async Task What_is_logged_while_own_logs_are_taken_is_not_sent()
    {
        List<string> bodies = [];
        var address = $"http://127.0.0.1:{new LoopbackPorts(random: true).Any()}";
        await using var app = Build(address, ("urls", address), ("Logging:LogLevel:Microsoft.AspNetCore", "Debug"), ("Logging:LogLevel:System.Net.Http", "Debug"));
        app.MapPost("/v1/logs", async (HttpRequest request, ILoggerFactory loggers) =>
        {
            using var reader = new StreamReader(request.Body, System.Text.Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            LogTaken(loggers.CreateLogger("LogPartitioning.Sample"), body.Length);
            lock (bodies)
            {
                bodies.Add(body);
            }

            return Results.Bytes([], "application/x-protobuf");
        });
        app.MapGet("/work", () => "done");
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new(address) };
        foreach (var round in (int[])[1, 2, 3])
        {
            // What the round before has brought has come before this.
            LogBehind(Logger(app), round);
            Assert.Equal("done", await client.GetStringAsync("/work"));
            await Eventually.SeesAsync("the line of the round", _ => Task.FromResult(Received()), logs => logs.Contains($"Partition {round} is far behind", StringComparison.Ordinal), s_patience);
        }

        Assert.Contains("/work", Received(), StringComparison.Ordinal);
        Assert.DoesNotContain("/v1/logs", Received(), StringComparison.Ordinal);
        Assert.DoesNotContain("bytes of own logs", Received(), StringComparison.Ordinal);

        string Received()
        {
            lock (bodies)
            {
                return string.Concat(bodies);
            }
        }
    }

    [Fact]
    public async Task An_operators_command_is_sent_whatever_its_request_says_of_itself()
    {
        await using var collector = await Collector.StartAsync();
        await using (var app = Build(collector.Address))
        {
            app.MapGet("/operate", (ILoggerFactory loggers) =>
            {
                LogBehind(loggers.CreateLogger(AuditLog.Category), 1);
                LogBehind(loggers.CreateLogger("LogPartitioning.Sample"), 2);
            });
            await app.StartAsync();
            using var client = new HttpClient { BaseAddress = new(app.Urls.Single()) };
            using var request = new HttpRequestMessage(HttpMethod.Get, "/operate");
            request.Headers.Add("baggage", OwnLogsMark.Baggage);
            using var answer = await client.SendAsync(request);
            Assert.True(answer.IsSuccessStatusCode);
            await app.StopAsync();
        }

        Assert.Contains("Partition 1 is far behind", collector.Received("logs"), StringComparison.Ordinal);
        Assert.DoesNotContain("Partition 2 is far behind", collector.Received("logs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_the_rate_are_left_out_and_said_to_be()
    {
        var clock = new FakeTimeProvider();
        await using var collector = await Collector.StartAsync();
        await using (var app = Build(collector.Address, clock, ("OwnLogs:MaxPerSecond", "1"), ("Logging:LogLevel:Default", "Warning")))
        {
            await app.StartAsync();
            for (var i = 0; i < 100; i++)
            {
                LogBehind(Logger(app), 1000 + i);
            }

            clock.Advance(TimeSpan.FromSeconds(30));
            LogBehind(Logger(app), 2000);
            await Eventually.SeesAsync(
                "what was left out", _ => Task.FromResult(collector.Received("logs")), logs => logs.Contains("40 log records of this service were not stored", StringComparison.Ordinal), s_patience);
            await app.StopAsync();
        }

        var logs = collector.Received("logs");
        Assert.Equal(61, logs.Split("far behind").Length - 1 - (logs.Split("{Partition} is far behind").Length - 1));
    }

    [Theory]
    [InlineData("Gateway", "gateway:8080")]
    [InlineData("Gateway", "http://gateway/v1/logs")]
    [InlineData("MinimumLevel", "None")]
    [InlineData("MaxPerSecond", "0")]
    public async Task A_wrong_setting_is_told_by_its_name(string name, string value)
    {
        await using var app = Build("", (name == "Gateway" ? "OwnLogs:Gateway" : $"OwnLogs:{name}", value));
        var problem = Assert.Throws<OptionsValidationException>(() => app.Services.GetRequiredService<IOptions<OwnLogsOptions>>().Value);
        Assert.Contains($"OwnLogs:{name} must be ", problem.Message, StringComparison.Ordinal);
    }

    private static ILogger Logger(WebApplication app) => app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("LogPartitioning.Sample");

    [LoggerMessage(1, LogLevel.Warning, "Partition {Partition} is far behind")]
    private static partial void LogBehind(ILogger log, int partition);

    [LoggerMessage(2, LogLevel.Information, "Partition {Partition} is fine")]
    private static partial void LogFine(ILogger log, int partition);

    [LoggerMessage(3, LogLevel.Warning, "Took {Bytes} bytes of own logs")]
    private static partial void LogTaken(ILogger log, int bytes);

    private static WebApplication Build(string gateway, params (string Name, string Value)[] settings) => Build(gateway, TimeProvider.System, settings);

    private static WebApplication Build(string gateway, TimeProvider time, params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        foreach (var (name, value) in ((string, string)[])[("urls", "http://127.0.0.1:0"), ("OwnLogs:Gateway", gateway), .. settings])
        {
            builder.Configuration[name] = value;
        }

        builder.Services.AddSingleton(time);
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        return app;
    }
}
