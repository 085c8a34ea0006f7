using Confluent.Kafka;
using LogPartitioning.Gateway;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Identity;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Mapping;
using LogPartitioning.Producer.Topology;
using LogPartitioning.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>
/// The producer and the gateway as they are, each behind a server in memory. The producer's records are acknowledged at once, the gateway's
/// brokers are mocked, and database and Redis refuse: a request that comes as far as those was read.
/// </summary>
internal sealed class ServicesInMemory : IAsyncDisposable
{
    private readonly List<WebApplication> _apps = [];
    private readonly MockCluster _cluster = new(brokers: 1);

    private ServicesInMemory()
    {
    }

    public ServerInMemory Producer { get; } = new();

    public ServerInMemory Gateway { get; } = new();

    public static async Task<ServicesInMemory> StartAsync()
    {
        var services = new ServicesInMemory();
        services._cluster.CreateTopic("log-events", 12, replicas: 1);
        services._cluster.CreateTopic("log-events.dlq", 2, replicas: 1);
        await services.StartProducerAsync();
        await services.StartGatewayAsync();
        return services;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        _cluster.Dispose();
    }

    private async Task StartProducerAsync()
    {
        var builder = NewBuilder(Producer);
        builder.AddProducer();
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(TopologyCheck)));
        builder.Services.AddSingleton<IProducer<string, byte[]>>(new AcknowledgingClient());
        // Full soon, so that filling it is no growth.
        builder.Services.AddSingleton(new RecentIds(1_000));
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapIngest();
        app.MapMappingApi();
        app.Services.GetRequiredService<TopologyState>().SetReady([]);
        await StartAsync(app);
    }

    private async Task StartGatewayAsync()
    {
        var builder = NewBuilder(Gateway);
        builder.AddGateway();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapGateway();
        await StartAsync(app);
    }

    private async Task StartAsync(WebApplication app)
    {
        _apps.Add(app);
        await app.StartAsync();
    }

    private WebApplicationBuilder NewBuilder(ServerInMemory server)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // Port 1 is reserved and refuses.
            ["ConnectionStrings:kafka"] = _cluster.BootstrapServers,
            // From 2.8 on a topic is asked for its id, which the mock does not know: it would wait for the answer.
            ["Kafka:BrokerVersion"] = "2.7",
            ["ConnectionStrings:logs"] = "Host=127.0.0.1;Port=1;Username=nobody;Database=nothing;Timeout=1",
            ["ConnectionStrings:redis"] = "127.0.0.1:1,connectTimeout=100,connectRetry=0",
            ["Gateway:Producer"] = "http://127.0.0.1:1",
            ["Gateway:RequestsPerSecond"] = "1000000",
            ["Gateway:Burst"] = "1000000",
        });
        builder.AddServiceDefaults();
        builder.Services.AddSingleton<IServer>(server);
        builder.Logging.ClearProviders();
        return builder;
    }
}
