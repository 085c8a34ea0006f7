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

/// <summary>The producer itself, in this process on a random port, against the mock cluster and no database.</summary>
public sealed class ProducerFixture : IAsyncLifetime, IDisposable
{
    private readonly MockCluster _cluster = new(brokers: 3);
    private WebApplication? _app;

    public HttpClient Client { get; private set; } = new();

    internal MockCluster Cluster => _cluster;

    public async Task InitializeAsync()
    {
        _cluster.CreateTopic("log-events", 12, replicas: 3);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = _cluster.BootstrapServers,
            ["ConnectionStrings:logs"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=1",
            ["Producer:DeliveryTimeout"] = "00:00:04",
            ["Partitioning:SplitSources:configured"] = "3",
        });
        builder.AddServiceDefaults();
        builder.AddProducer();
        builder.Logging.ClearProviders();

        // The mock cluster cannot be asked to create a topic, so the check would wait for ever.
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(TopologyCheck)));

        _app = builder.Build();
        _app.MapDefaultEndpoints();
        _app.UseRateLimiter();
        _app.MapLogsApi();
        _app.MapMappingApi();
        _app.Services.GetRequiredService<TopologyState>().SetReady([]);
        await _app.StartAsync();
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        Dispose();
    }

    public void Dispose()
    {
        Client.Dispose();
        _cluster.Dispose();
    }
}
