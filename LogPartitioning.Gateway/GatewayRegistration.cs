using LogPartitioning.Core.Connections;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Audit;
using LogPartitioning.Gateway.Console;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Export;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Operate;
using LogPartitioning.Gateway.Otlp;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Replay;
using LogPartitioning.Gateway.Reporting;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.Gateway.Retention;
using LogPartitioning.Gateway.Scaling;
using LogPartitioning.Gateway.Storage;
using LogPartitioning.Gateway.Tail;
using LogPartitioning.Gateway.Views;
using LogPartitioning.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Gateway;

/// <summary>What the gateway is made of, and which routes it has.</summary>
internal static class GatewayRegistration
{
    /// <summary>What the gateway's clients are called at the brokers.</summary>
    private const string ClientId = "gateway";

    public static void AddGateway(this WebApplicationBuilder builder)
    {
        builder.AddStores();
        builder.Services.AddKafkaOptions();
        builder.Services.AddValidatedOptions<StoreOptions>(StoreOptions.Section);
        builder.Services.AddStartCheck(ConnectionStrings.KafkaProblems).AddStartCheck(ConnectionStrings.LogsProblems).AddStartCheck(ConnectionStrings.RedisProblems);
        builder.Services.AddValidatedOptions<GatewayOptions>(GatewayOptions.Section);
        builder.Services.AddValidatedOptions<QueryOptions>(QueryOptions.Section);
        builder.Services.AddValidatedOptions<LagOptions>(LagOptions.Section);
        builder.Services.AddValidatedOptions<ScalingOptions>(ScalingOptions.Section);
        builder.Services.AddValidatedOptions<GroupStateOptions>(GroupStateOptions.Section);
        builder.Services.AddPartitioningOptions();

        builder.Services.AddGroupViews();
        builder.Services.AddSingleton(provider => new LogQuery(provider.GetRequiredService<NpgsqlDataSource>())
        {
            MaxSearchedEvents = provider.GetRequiredService<QueryOptions>().MaxSearchedEvents,
        });
        builder.Services.AddSingleton<LogHistogram>();
        builder.Services.AddSingleton<PageBudget>();
        builder.Services.AddLogStoreSchema();
        builder.Services.AddHostedService<SchemaStartup>();

        builder.Services.AddHttpForwarder();
        builder.Services.AddSingleton<Resending>();
        builder.Services.AddSingleton<ProducerClient>();
        builder.AddRequestLimits();
        builder.AddOtlp();
        builder.AddDeadLetters();
        builder.Services.AddAudit();
        builder.Services.AddSingleton<LogTail>();
        builder.AddReplay();
        builder.Services.AddOperate();
        builder.Services.AddRetention();
        builder.AddConsole();
        builder.Services.AddHealthChecks()
            .AddCheck<BrokersHealthCheck>("kafka", HealthStatus.Degraded)
            .AddCheck<LogStoreHealthCheck>("logs", HealthStatus.Degraded)
            .AddCheck<LogStoreSafetyHealthCheck>("logs-safety", HealthStatus.Degraded)
            .AddCheck<LiveStateHealthCheck>("redis", HealthStatus.Degraded);
    }

    public static void MapGateway(this WebApplication app)
    {
        app.UseNoSniff();
        app.MapLogsApi();
        app.MapIngestRoutes();
        app.MapOtlp();
        app.MapHistogramApi();
        app.MapTailApi();
        app.MapExportApi();
        app.MapPartitionMappingApi();
        app.MapGroupApi();
        app.MapHaltsApi();
        app.MapScalingApi();
        app.MapDeadLetters();
        app.MapReplay();
        app.MapOperate();
        app.MapRetention();
        app.MapViewsApi();
        app.MapAudit();
        app.MapConsole();
    }

    /// <summary>
    /// Connections are made at first use and made again when lost. Their absence degrades the gateway's health, and no more:
    /// the gateway without Redis, or without the database, still takes logs.
    /// </summary>
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
        builder.Services.AddSingleton(services =>
        {
            var log = new KafkaClientLog(
                services.GetRequiredService<ILoggerFactory>().CreateLogger("LogPartitioning.Gateway.Kafka"),
                services.GetRequiredService<TimeProvider>());
            return new KafkaClients(
                services.GetRequiredService<IConfiguration>(),
                services.GetRequiredService<IOptions<KafkaOptions>>().Value,
                services.GetRequiredService<BrokerCapabilities>(),
                services.GetRequiredService<ConnectionErrors>(),
                (_, message) => log.Write(message));
        });
        builder.Services.AddSingleton(services => services.GetRequiredService<KafkaClients>().Admin(ClientId, config => config.SocketTimeoutMs ??= 10_000));
    }

    private static void AddGroupViews(this IServiceCollection services)
    {
        services.AddSingleton<GroupStateStore>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RebalanceLog>(
            provider, provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Group));
        services.AddSingleton<IGroupOffsetsSource>(provider => new StoredGroupOffsets(
            GroupOffsetsReader.Of(
                provider.GetRequiredService<KafkaClients>(),
                ClientId,
                provider.GetRequiredService<IOptions<KafkaOptions>>().Value,
                provider.GetRequiredService<LagOptions>().Timeout,
                provider.GetRequiredService<TimeProvider>()),
            provider.GetRequiredService<NpgsqlDataSource>(),
            provider.GetRequiredService<LagOptions>().Timeout,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LogGaps>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<HaltedPartitions>(provider, provider.GetRequiredService<HistoryClients>().Bounds));
        services.AddSingleton<LagMonitor>();
        services.AddSingleton<ScalingAdvisor>();
        services.AddSingleton<ScalingHistory>();
        services.AddSingleton<ScalingState>();
        services.AddSingleton<ArrivalWindow>();
        services.AddSingleton<HotPartitions>();
        services.AddSingleton<GroupMappingReader>();
        services.AddSingleton<GroupHistory>();
        services.AddSingleton<OverviewReader>();
        services.AddSingleton<PartitionsReader>();
        services.AddSingleton<UnownedPartitions>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisLease>(
            provider, "lag:" + provider.GetRequiredService<IOptions<KafkaOptions>>().Value.Group));
        services.AddSingleton<GroupWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<GroupWatch>());
        services.AddHostedService<LagWatch>();
        services.AddSingleton<GatewayMetrics>();
    }

    private static void AddPartitioningOptions(this IServiceCollection services)
    {
        services.AddOptions<PartitioningOptions>().BindConfiguration(PartitioningOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PartitioningOptions>, PartitioningValidation>();
    }

    private sealed class PartitioningValidation(IOptions<KafkaOptions> kafka) : IValidateOptions<PartitioningOptions>
    {
        public ValidateOptionsResult Validate(string? name, PartitioningOptions options)
        {
            var problems = options.Problems(kafka.Value.Partitions).ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
