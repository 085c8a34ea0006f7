using Confluent.Kafka;
using LogPartitioning.Core.Connections;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Identity;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Clef;
using LogPartitioning.Producer.Ingest.Elasticsearch;
using LogPartitioning.Producer.Ingest.Loki;
using LogPartitioning.Producer.Ingest.Otlp;
using LogPartitioning.Producer.Ingest.Syslog;
using LogPartitioning.Producer.Mapping;
using LogPartitioning.Producer.Partitioning;
using LogPartitioning.Producer.Topology;
using LogPartitioning.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer;

/// <summary>What the producer is made of.</summary>
internal static class ProducerService
{
    public static void AddProducer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddKafkaOptions();
        services.AddValidatedOptions<StoreOptions>(StoreOptions.Section);
        services.AddStartCheck(ConnectionStrings.KafkaProblems).AddStartCheck(ConnectionStrings.LogsProblems);
        services.AddValidatedOptions<ProducerOptions>(ProducerOptions.Section);
        services.AddValidatedOptions<ClefOptions>(ClefOptions.Section);
        services.AddValidatedOptions<ElasticsearchOptions>(ElasticsearchOptions.Section);
        services.AddValidatedOptions<LokiOptions>(LokiOptions.Section);
        services.AddOptions<PartitioningOptions>().BindConfiguration(PartitioningOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PartitioningOptions>, PartitioningValidation>();
        services.AddSingleton<ProducerMetrics>();

        // Its warning that a log handler is set already: the one of KafkaClient.
        builder.Configuration["Logging:LogLevel:Aspire.Confluent.Kafka"] ??= "Error";
        ProducerConfig client = new();
        builder.AddKafkaProducer<string, byte[]>("kafka", settings =>
        {
            KafkaClient.Configure(settings, builder.Configuration);
            client = settings.Config;
        }, KafkaClient.Build);
        services.AddSingleton(provider => new RecordClients(
            provider.GetRequiredService<IProducer<string, byte[]>>(),
            client,
            config => KafkaClient.Make(provider, config),
            provider.GetRequiredService<ILogger<RecordClients>>()));
        builder.AddNpgsqlDataSource("logs", settings =>
        {
            // A lost database costs the producer no event, so it is no reason to call the producer unhealthy.
            settings.DisableHealthChecks = true;
            // Set up for all services in one place.
            settings.DisableTracing = true;
        }, StoreConnection.Configure(builder.Configuration));

        AddPartitioning(services);
        AddTopology(services);

        services.AddSingleton(provider => new LogEventReader(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<StoreOptions>().TakenTimestamps));
        services.AddSingleton<RequestReader>();
        services.AddSingleton<BufferBudget>();
        services.AddSingleton<ConcurrentRequests>();
        services.AddSingleton(provider => QueueOf(provider.GetRequiredService<IOptions<ProducerOptions>>().Value));
        services.AddSingleton<EventDelivery>();
        services.AddSingleton(new RecentIds(RecentIds.DefaultCapacity));
        services.AddSingleton<StoredIds>();
        services.AddSingleton<EventIds>();
        services.AddSingleton<EventIntake>();
        services.AddOtlp();
        services.AddSyslog();
    }

    /// <summary>The ways in.</summary>
    public static void MapIngest(this WebApplication app)
    {
        LogsApi.Map(app);
        app.MapOtlp();
        ClefApi.Map(app);
        ElasticsearchApi.Map(app);
        LokiApi.Map(app);
    }

    private static QueuedRecords QueueOf(ProducerOptions options) => new(options.MaxQueuedRecords, options.MaxQueuedKilobytes * 1024L);

    private static void AddPartitioning(IServiceCollection services)
    {
        services.AddSingleton(provider => new SourceSplits(
            provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Partitions,
            provider.GetRequiredService<IOptions<PartitioningOptions>>().Value.SplitSources.Select(split => KeyValuePair.Create(split.Source, split.Keys))));
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<PartitioningOptions>>().Value;
            var partitions = provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Partitions;
            return new LoadWindow(partitions, options.HotWindow, options.TrackedKeys, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<SourceRouter>();
        services.AddSingleton<SplitStore>();
        services.AddSingleton<MappingView>();
        services.AddLogStoreSchema();
        services.AddSingleton<SplitWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<SplitWatcher>());
        services.AddHealthChecks().AddCheck<SplitsHealthCheck>("splits");
    }

    private static void AddTopology(IServiceCollection services)
    {
        services.AddSingleton<TopologyState>();
        services.AddSingleton<BrokerAdmin>();
        services.AddHostedService<TopologyCheck>();
        services.AddHealthChecks().AddCheck<BrokerHealthCheck>("brokers");
    }

    private sealed class PartitioningValidation(IConfiguration configuration, IOptions<KafkaOptions> kafka) : IValidateOptions<PartitioningOptions>
    {
        public ValidateOptionsResult Validate(string? name, PartitioningOptions options)
        {
            // Judged against the default while the partitions themselves are wrong, which is reported beside this.
            var partitions = TryPartitions() ?? new KafkaOptions().Partitions;
            List<string> problems = [.. SplitSourceEntries.Problems(configuration), .. options.Problems(partitions)];
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        private int? TryPartitions()
        {
            try
            {
                return kafka.Value.Partitions;
            }
            catch (OptionsValidationException)
            {
                return null;
            }
        }
    }
}
