using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Kafka consumers.</summary>
public static class AspireKafkaConsumerExtensions
{
    private const string Section = "Aspire:Confluent:Kafka:Consumer";
    private const string CheckName = "Aspire.Confluent.Kafka.Consumer";

    /// <summary>Registers an <see cref="IConsumer{TKey, TValue}"/> as a singleton.</summary>
    /// <param name="builder">Where configuration is read and services are added.</param>
    /// <param name="connectionName">Names the connection string.</param>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName) =>
        Add<TKey, TValue>(builder, connectionName, null, null, null);

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings) =>
        Add<TKey, TValue>(builder, connectionName, null, configureSettings, null);

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, null, null, WithProvider(configureBuilder));

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, null, null, configureBuilder);

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, null, configureSettings, WithProvider(configureBuilder));

    /// <inheritdoc cref="AddKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string connectionName, Action<KafkaConsumerSettings>? configureSettings, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, connectionName, null, configureSettings, configureBuilder);

    /// <summary>Registers an <see cref="IConsumer{TKey, TValue}"/> as a singleton under the key <paramref name="name"/>.</summary>
    /// <param name="builder">Where configuration is read and services are added.</param>
    /// <param name="name">The service key; names the connection string too.</param>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name) =>
        Add<TKey, TValue>(builder, name, name, null, null);

    /// <inheritdoc cref="AddKeyedKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name, Action<KafkaConsumerSettings>? configureSettings) =>
        Add<TKey, TValue>(builder, name, name, configureSettings, null);

    /// <inheritdoc cref="AddKeyedKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, name, null, WithProvider(configureBuilder));

    /// <inheritdoc cref="AddKeyedKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, name, null, configureBuilder);

    /// <inheritdoc cref="AddKeyedKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name, Action<KafkaConsumerSettings>? configureSettings, Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, name, configureSettings, WithProvider(configureBuilder));

    /// <inheritdoc cref="AddKeyedKafkaConsumer{TKey, TValue}(IHostApplicationBuilder, string)"/>
    public static void AddKeyedKafkaConsumer<TKey, TValue>(this IHostApplicationBuilder builder, string name, Action<KafkaConsumerSettings>? configureSettings, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        Add(builder, name, name, configureSettings, configureBuilder);

    private static void Add<TKey, TValue>(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<KafkaConsumerSettings>? configureSettings,
        Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = ReadSettings(builder.Configuration, connectionName, configureSettings);

        if (serviceKey is null)
        {
            builder.Services.AddSingleton(services => Build(services, settings, configureBuilder));
        }
        else
        {
            builder.Services.AddKeyedSingleton(serviceKey, (services, _) => Build(services, settings, configureBuilder));
        }

        if (!settings.DisableHealthChecks)
        {
            KafkaHealthCheck.Register(
                builder.Services, serviceKey is null ? CheckName : $"{CheckName}_{connectionName}", () => settings.Config);
        }
    }

    private static KafkaConsumerSettings ReadSettings(
        IConfiguration configuration, string connectionName, Action<KafkaConsumerSettings>? configureSettings)
    {
        KafkaConsumerSettings settings = new();
        var section = configuration.GetSection(Section);
        foreach (var source in (IConfiguration[])[section, section.GetSection(connectionName)])
        {
            source.Bind(settings);
            source.GetSection(nameof(settings.Config)).Bind(settings.Config);
        }

        settings.ConnectionString = configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);
        settings.Consolidate();
        return settings;
    }

    private static IConsumer<TKey, TValue> Build<TKey, TValue>(
        IServiceProvider services, KafkaConsumerSettings settings, Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? configureBuilder)
    {
        settings.Validate();
        ConsumerBuilder<TKey, TValue> builder = new(settings.Config);
        var log = KafkaClientLog.For(services);
        configureBuilder?.Invoke(services, builder);
        try
        {
            builder.SetLogHandler((_, message) => log.Write(message));
        }
        catch (InvalidOperationException)
        {
            log.HandlerTaken();
        }

        return builder.Build();
    }

    private static Action<IServiceProvider, ConsumerBuilder<TKey, TValue>>? WithProvider<TKey, TValue>(
        Action<ConsumerBuilder<TKey, TValue>>? configureBuilder) =>
        configureBuilder is null ? null : (_, builder) => configureBuilder(builder);
}
