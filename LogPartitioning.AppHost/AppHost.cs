using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Lifetime;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Postgres;
using LogPartitioning.AppHost.Prometheus;
using LogPartitioning.AppHost.Redis;
using LogPartitioning.AppHost.Restarts;
using LogPartitioning.AppHost.Services;
using LogPartitioning.AppHost.Settings;

if (!InheritedEnvironment.TryPrepare())
{
    return 1;
}

var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
{
    Args = args,
    TrustDeveloperCertificate = false,
    EnableResourceLogging = SettingsCheck.ShowsResourceLogs(args),
});
if (!builder.TryReadSettings(out var settings))
{
    return 1;
}

builder.AddOrderedStop();
builder.AddRestartPolicy();
builder.AddStartReport(settings);

var kafka = builder.AddKafkaCluster("kafka", settings.BrokerHost(), brokers: 3).WithLogTopics(settings.Topics);
var logs = builder.AddLogStore(settings);
var redis = builder.AddLiveState(settings);

var key = builder.AddServiceKey(settings);

var producer = builder.AddService<Projects.LogPartitioning_Producer>("producer", settings).WithServiceKey(key)
    .DependsOn(kafka).DependsOn(logs).DependsOn(redis);

var gateway = builder.AddService<Projects.LogPartitioning_Gateway>("gateway", settings, settings.Ports.Gateway).WithServiceKey(key).WithOtlpEndpoints(settings).WithKestrelSettings(settings)
    .DependsOn(kafka).DependsOn(logs).DependsOn(redis)
    .WithReference(producer).WaitFor(producer)
    .WithExternalHttpEndpoints();

producer.WithTestEventsCommand(settings.ServiceKey());

// Each replica has a name of its own, so that each can be scraped, stopped and watched by itself.
var consumers = builder.AddConsumers(settings, name => builder.AddService<Projects.LogPartitioning_Consumer>(name, settings).WithServiceKey(key)
    .DependsOn(kafka).DependsOn(logs).Migrates(logs).DependsOn(redis)
    .StopsAfter(gateway).StopsAfter(producer).MayTakeToStop(ConsumerGroup.StopBudget));

gateway.TakesOwnLogsOf([producer, .. consumers, gateway], settings);

builder.AddPrometheusAndGrafana(settings, [producer, .. consumers, gateway]);

var application = builder.Build();
if (!settings.CheckOnly)
{
    await application.RunUntilStoppedAsync();
}

return 0;
