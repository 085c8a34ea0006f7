using System.Globalization;
using LogPartitioning.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Gateway;

/// <summary>The real gateway in this process, without brokers, database and Redis, before a producer that the test writes.</summary>
internal sealed class GatewayAlone : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly WebApplication? _producer;

    private GatewayAlone(WebApplication app, WebApplication? producer)
    {
        _app = app;
        _producer = producer;
        Client = new() { BaseAddress = new(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<GatewayAlone> StartAsync(Action<WebApplication>? producer = null, params (string Key, string Value)[] settings) =>
        StartWithAsync(_ => { }, producer, settings);

    /// <summary>The same, with parts that the test puts in the place of the gateway's own.</summary>
    public static async Task<GatewayAlone> StartWithAsync(
        Action<IServiceCollection> replace, Action<WebApplication>? producer = null, params (string Key, string Value)[] settings)
    {
        WebApplication? producerApp = null;
        if (producer is not null)
        {
            var producerBuilder = NewBuilder();
            producerApp = producerBuilder.Build();
            producer(producerApp);
            await producerApp.StartAsync();
        }

        var builder = NewBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // Port 1 is reserved and refuses.
            ["ConnectionStrings:kafka"] = "127.0.0.1:1",
            ["ConnectionStrings:logs"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1",
            ["ConnectionStrings:redis"] = "127.0.0.1:1,connectTimeout=100,connectRetry=0",
            ["Lag:Timeout"] = "00:00:00.300",
            // What a test has to wait for, it says.
            ["Gateway:ResendTime"] = "00:00:00",
            // What a test sends and reads is all that is sent and read.
            ["Audit:Interval"] = "00:00:00",
            ["Audit:CanaryInterval"] = "00:00:00",
            ["Gateway:Producer"] = producerApp?.Urls.Single() ?? "http://127.0.0.1:1",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.AddGateway();
        replace(builder.Services);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGateway();
        await app.StartAsync();
        return new(app, producerApp);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_producer is not null)
        {
            await _producer.StopAsync();
            await _producer.DisposeAsync();
        }
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{0}"));
        return builder;
    }
}
