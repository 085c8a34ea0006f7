using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.ServiceDefaults;

/// <summary>A collector that keeps what it is sent by OTLP. The texts in it stand in the bytes as they are, which is enough to look for them.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string Body)> _received = new();
    private int _refusals;

    private Collector(WebApplication app) => _app = app;

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var collector = new Collector(builder.Build());
        collector._app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            if (Interlocked.Decrement(ref collector._refusals) >= 0)
            {
                return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
            }

            collector._received.Enqueue((request.Path, Encoding.Latin1.GetString(body.ToArray())));
            return Results.Bytes([], "application/x-protobuf");
        });
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Where it is.</summary>
    public string Address => _app.Urls.Single();

    /// <summary>Answers the next requests with 503.</summary>
    public void RefuseNext(int requests) => _refusals = requests;

    /// <summary>Lets a service send here.</summary>
    public void Configure(IConfigurationManager configuration) => configuration.AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Address,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
    });

    /// <summary>All that came for <c>logs</c>, <c>metrics</c> or <c>traces</c>.</summary>
    public string Received(string signal) => string.Concat(_received.Where(request => request.Path == $"/v1/{signal}").Select(request => request.Body));

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
