using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Kafka producers.</summary>
public static class AspireKafkaProducerExtensions
{
    private const string Section = "Aspire:Confluent:Kafka:Producer";
    private const string CheckName = "Aspire.Confluent.Kafka.Producer";

    /// <summary>Registers an <see cref="IProducer{TKey, TValue}"/> as a singleton.</summary>
    /// <param name="builder">Where configuration is read and services are added.</param>
    /// <param name="connectionName">Names the connection string.</param>
    /// <param name="configureSettings">Changes the settings after configuration was read.</param>
    /// <param name="configureBuilder">Sets up the client, once.</param>
    public static void AddKafkaProducer<TKey, TValue>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<KafkaProducerSettings>? configureSettings,
        Action<IServiceProvider, ProducerBuilder<TKey, TValue>>? configureBuilder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);
        var settings = ReadSettings(builder.Configuration, connectionName, configureSettings);
        builder.Services.AddSingleton(services => Build(services, settings, configureBuilder));
        if (!settings.DisableHealthChecks)
        {
            KafkaHealthCheck.Register(builder.Services, CheckName, () => settings.Config);
        }
    }

    private static KafkaProducerSettings ReadSettings(
        IConfiguration configuration, string connectionName, Action<KafkaProducerSettings>? configureSettings)
    {
        KafkaProducerSettings settings = new();
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

    private static IProducer<TKey, TValue> Build<TKey, TValue>(
        IServiceProvider services, KafkaProducerSettings settings, Action<IServiceProvider, ProducerBuilder<TKey, TValue>>? configureBuilder)
    {
        settings.Validate();
        ProducerBuilder<TKey, TValue> builder = new(settings.Config);
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
}
