using LogPartitioning.AppHost.Infrastructure;
using LogPartitioning.AppHost.Restarts;
using LogPartitioning.AppHost.Scraping;
using LogPartitioning.AppHost.Settings;

var builder = DistributedApplication.CreateBuilder(args);
if (!builder.TryReadSettings(out var settings))
{
    return 1;
}

// kafka-1 to kafka-3, postgres and redis: the connection strings "kafka", "logs" and "redis".
var servers = builder.AddServers(settings);

var producer = AddService<Projects.LogPartitioning_Producer>("producer");

// Each replica has a name of its own, so that each can be scraped, stopped and watched by itself.
var consumers = Enumerable.Range(1, settings.ConsumerReplicas)
    .Select(replica => AddService<Projects.LogPartitioning_Consumer>($"consumer-{replica}"))
    .ToList();

var gateway = AddService<Projects.LogPartitioning_Gateway>("gateway", settings.Ports.Gateway)
    .WithReference(producer)
    .WaitFor(producer)
    .WithExternalHttpEndpoints();

builder.AddPrometheusAndGrafana(settings, [producer, .. consumers, gateway]);

builder.Build().Run();
return 0;

IResourceBuilder<ProjectResource> AddService<TProject>(string name, int? port = null)
    where TProject : IProjectMetadata, new() =>
    builder.AddProject<TProject>(name, options => options.ExcludeLaunchProfile = true)
        .WithHttpEndpoint(port: port)
        .WithHttpHealthCheck("/health")
        .WithServers(servers)
        .WithServiceSettings(settings)
        .WithRestartOnExit(settings);
