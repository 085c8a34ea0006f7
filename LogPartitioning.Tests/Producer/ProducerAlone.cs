using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Mapping;
using LogPartitioning.Producer.Topology;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Producer;

/// <summary>The real producer in this process, with its check of the topics, against brokers that the test names, and without a database.</summary>
internal sealed class ProducerAlone : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProducerAlone(WebApplication app)
    {
        _app = app;
        Client = new() { BaseAddress = new(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public TopologyState Topology => _app.Services.GetRequiredService<TopologyState>();

    /// <summary>Starts it.</summary>
    /// <param name="bootstrapServers">The brokers.</param>
    /// <param name="topic">The topic; that of the dead letters is named after it. Both have one replica, unless the settings say otherwise.</param>
    /// <param name="time">The clock; null takes the system's.</param>
    /// <param name="settings">Further settings.</param>
    public static async Task<ProducerAlone> StartAsync(string bootstrapServers, string topic, TimeProvider? time = null, params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = bootstrapServers,
            ["ConnectionStrings:logs"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=1",
            ["Kafka:Topic"] = topic,
            ["Kafka:DeadLetterTopic"] = $"{topic}.dlq",
            ["Kafka:ReplicationFactor"] = "1",
            ["Kafka:MinInSyncReplicas"] = "1",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddServiceDefaults();
        builder.AddProducer();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapIngest();
        app.MapMappingApi();
        await app.StartAsync();
        return new(app);
    }

    /// <summary>Sends one event.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(string source, CancellationToken cancellationToken)
    {
        using var answer = await Client.PostAsJsonAsync(new Uri("/api/logs", UriKind.Relative), new { source, message = "m" }, cancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!);
    }

    /// <summary>What the check of the brokers says: its state, and why.</summary>
    public async Task<string> BrokersAsync(CancellationToken cancellationToken)
    {
        using var answer = await Client.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
        var check = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!["checks"]!["brokers"]!;
        return $"{check["status"]}: {check["description"]}";
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
