using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Consumer.Replay;
using LogPartitioning.Consumer.Reporting;
using LogPartitioning.Consumer.Retention;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Connections;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Replay;
using LogPartitioning.Core.Storage;
using LogPartitioning.Core.Storage.Retention;
using LogPartitioning.ServiceDefaults;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Consumer;

/// <summary>What a consumer instance is made of.</summary>
internal static class ConsumerService
{
    public static void AddConsumer(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddKafkaOptions();
        services.AddValidatedOptions<StoreOptions>(StoreOptions.Section);
        services.AddStartCheck(ConnectionStrings.KafkaProblems).AddStartCheck(ConnectionStrings.LogsProblems).AddStartCheck(ConnectionStrings.RedisProblems);
        services.AddValidatedOptions<ConsumerOptions>(ConsumerOptions.Section);
        services.PostConfigure<ConsumerOptions>(options => options.Instance = NameOf(options, builder.Configuration));
        services.AddValidatedOptions<LagOptions>(LagOptions.Section);
        services.AddValidatedOptions<GroupStateOptions>(GroupStateOptions.Section);

        // One line for each batch and claim would bury everything else.
        builder.Logging.AddFilter("Npgsql.Command", LogLevel.Warning);
        builder.AddStores();
        services.AddLogStoreSchema();
        services.AddLogRetention();
        services.AddSingleton<DaysAhead>();
        services.AddReporting();
        services.AddSingleton(NewKafkaClients);
        services.AddSingleton<ConsumerClients>();
        services.AddSingleton(provider => provider.GetRequiredService<ConsumerClients>().BuildAdmin());
        services.AddSingleton(provider => provider.GetRequiredService<ConsumerClients>().BuildDeadLetterProducer());
        services.AddSingleton<IDeadLetterSink, DeadLetterSink>();
        services.AddSingleton<IPartitionStore>(provider =>
        {
            var kafka = provider.GetRequiredService<IOptions<KafkaOptions>>().Value;
            return new LogStore(provider.GetRequiredService<NpgsqlDataSource>(), kafka.Group, kafka.Topic, provider.GetRequiredService<DayPartitions>());
        });
        services.AddSingleton(provider => new DayPartitions(
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<StoreOptions>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<DayPartitions>>()));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<KafkaOptions>>().Value);
        services.AddSingleton<TopicWatch>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<LogProof>(provider, provider.GetRequiredService<ConsumerClients>().HistoryConfig()));
        services.AddSingleton<WorkerServices>();
        services.AddSingleton<Prerequisites>();
        services.AddSingleton<ConsumerInstance>();
        // Started last of all and stopped first: what the workers use must outlive them.
        services.AddHostedService(provider => provider.GetRequiredService<ConsumerInstance>());
        services.AddHostedService<InstanceBalancer>();
        services.AddSingleton<ReplayJobs>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<HistoryReplay>(provider, provider.GetRequiredService<ConsumerClients>().HistoryConfig()));
        services.AddHostedService<ReplayRunner>();
        services.AddHostedService<RetentionService>();
        services.AddHealthChecks()
            .AddCheck<ConsumerHealthCheck>(ConsumerHealthCheck.Name)
            .AddCheck<StoreSafetyHealthCheck>(StoreSafetyHealthCheck.Name)
            .AddCheck<WorkersHealthCheck>(WorkersHealthCheck.Name, tags: [HealthEndpoints.LiveTag]);
    }

    /// <summary>Their absence is told by the instance's own check: it waits for them, and is no worse for it.</summary>
    private static void AddStores(this WebApplicationBuilder builder)
    {
        // Tracing is set up for all services in one place; that of Redis is left out, since it is polled all the time.
        builder.AddNpgsqlDataSource("logs", settings =>
        {
            settings.DisableHealthChecks = true;
            settings.DisableTracing = true;
        }, StoreConnection.Configure(builder.Configuration));
        builder.AddRedisClient(
            "redis",
            settings =>
            {
                settings.DisableHealthChecks = true;
                settings.DisableTracing = true;
            },
            options => options.AbortOnConnectFail = false);
    }

    private static void AddReporting(this IServiceCollection services)
    {
        services.AddSingleton<ConsumerMetrics>();
        services.AddSingleton<StoreStates>();
        services.AddSingleton<InstanceView>();
        services.AddSingleton<InstancePublisher>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RebalanceLog>(
            provider, provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Group));
        services.AddSingleton<IGroupOffsetsSource>(provider => new StoredGroupOffsets(
            GroupOffsetsReader.Of(
                provider.GetRequiredService<KafkaClients>(),
                $"{provider.GetRequiredService<ConsumerOptions>().Instance}/offsets",
                provider.GetRequiredService<KafkaOptions>(),
                provider.GetRequiredService<LagOptions>().Timeout,
                provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<LagOptions>().Timeout,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LagMonitor>();
        services.AddSingleton<LagReporter>();
        services.AddHostedService(provider => provider.GetRequiredService<LagReporter>());
        services.AddSingleton<StatePublisher>();
        services.AddHostedService(provider => provider.GetRequiredService<StatePublisher>());
        services.AddSingleton<LastScrape>();
        services.AddSingleton<IStartupFilter>(provider => provider.GetRequiredService<LastScrape>());
        services.AddHostedService(provider => provider.GetRequiredService<LastScrape>());
    }

    private static KafkaClients NewKafkaClients(IServiceProvider provider)
    {
        var log = provider.GetRequiredService<ILoggerFactory>().CreateLogger("LogPartitioning.Consumer.Client");
        var stores = provider.GetRequiredService<StoreStates>();
        return new(
            provider.GetRequiredService<IConfiguration>(),
            provider.GetRequiredService<KafkaOptions>(),
            provider.GetRequiredService<BrokerCapabilities>(),
            provider.GetRequiredService<ConnectionErrors>(),
            (client, message) => log.ClientMessage(client, message.Facility, message.Message),
            (client, error) =>
            {
                log.ClientError(client, error.Reason);
                if (error.Code is ErrorCode.Local_AllBrokersDown)
                {
                    stores.Fails(StoreStates.Kafka, BrokerFailure.InWords(error));
                }
            });
    }

    private static string NameOf(ConsumerOptions options, ConfigurationManager configuration)
    {
        if (!string.IsNullOrWhiteSpace(options.Instance))
        {
            return options.Instance;
        }
        // A service's name may be anything, and is not refused for what an instance's name may not hold.
        return configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } service
            ? ConsumerOptions.AsInstance(service)
            : $"{Environment.MachineName}-{Environment.ProcessId}";
    }
}
