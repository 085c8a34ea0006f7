using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Mapping;
using LogPartitioning.Producer.Topology;
using LogPartitioning.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Producer;

/// <summary>The producer itself, in this process on a random port, and no database.</summary>
internal sealed class ProducerInProcess : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProducerInProcess(WebApplication app) => (_app, Client) = (app, new HttpClient { BaseAddress = new Uri(app.Urls.Single()) });

    public HttpClient Client { get; }

    /// <param name="bootstrapServers">The brokers.</param>
    /// <param name="checksTopics">Whether it checks the topics at start, as it does in production. The mock cluster cannot be asked
    /// to create one, so the check would wait for ever.</param>
    /// <param name="settings">What is not as it comes.</param>
    public static async Task<ProducerInProcess> StartAsync(
        string bootstrapServers, bool checksTopics, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = bootstrapServers,
            ["ConnectionStrings:logs"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=1",
            ["Producer:DeliveryTimeout"] = "00:00:04",
            ["Partitioning:SplitSources:0:Source"] = "configured",
            ["Partitioning:SplitSources:0:Keys"] = "3",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)));
        builder.AddServiceDefaults();
        builder.AddProducer();
        builder.Logging.ClearProviders();
        if (!checksTopics)
        {
            builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(TopologyCheck)));
        }

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapIngest();
        app.MapMappingApi();
        var topology = app.Services.GetRequiredService<TopologyState>();
        if (!checksTopics)
        {
            topology.SetReady([]);
        }

        await app.StartAsync();
        await Eventually.SeesAsync("checked topics", _ => Task.FromResult(topology.IsReady), ready => ready, TimeSpan.FromSeconds(60));
        return new ProducerInProcess(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>The producer before the mock cluster.</summary>
public sealed class ProducerFixture : IAsyncLifetime, IDisposable
{
    private readonly MockCluster _cluster = new(brokers: 3);
    private ProducerInProcess? _producer;

    public HttpClient Client => _producer?.Client ?? throw new InvalidOperationException("The producer has not started.");

    internal MockCluster Cluster => _cluster;

    public async Task InitializeAsync()
    {
        _cluster.CreateTopic("log-events", 12, replicas: 3);
        _producer = await ProducerInProcess.StartAsync(_cluster.BootstrapServers, checksTopics: false);
    }

    public async Task DisposeAsync()
    {
        if (_producer is not null)
        {
            await _producer.DisposeAsync();
        }

        Dispose();
    }

    public void Dispose() => _cluster.Dispose();
}
