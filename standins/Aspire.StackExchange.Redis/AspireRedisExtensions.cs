using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers Redis connections.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>Registers an <see cref="IConnectionMultiplexer"/> as a singleton that connects at first use and retries.</summary>
    /// <param name="builder">Where configuration is read and services are added.</param>
    /// <param name="connectionName">Names the connection string.</param>
    /// <param name="configureSettings">Runs after the settings are read.</param>
    /// <param name="configureOptions">Runs after the client's options are read.</param>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, null, configureSettings, configureOptions);

    /// <inheritdoc cref="AddRedisClient"/>
    public static AspireRedisClientBuilder AddRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, connectionName, null, configureSettings, configureOptions);

    /// <summary>Registers an <see cref="IConnectionMultiplexer"/> under the key <paramref name="name"/>.</summary>
    /// <param name="builder">Where configuration is read and services are added.</param>
    /// <param name="name">The service key; names the connection string too.</param>
    /// <param name="configureSettings">Runs after the settings are read.</param>
    /// <param name="configureOptions">Runs after the client's options are read.</param>
    public static void AddKeyedRedisClient(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, name, configureSettings, configureOptions);

    /// <inheritdoc cref="AddKeyedRedisClient"/>
    public static AspireRedisClientBuilder AddKeyedRedisClientBuilder(
        this IHostApplicationBuilder builder,
        string name,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null) =>
        Add(builder, name, name, configureSettings, configureOptions);

    private static AspireRedisClientBuilder Add(
        IHostApplicationBuilder builder,
        string connectionName,
        string? serviceKey,
        Action<StackExchangeRedisSettings>? configureSettings,
        Action<ConfigurationOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        StackExchangeRedisSettings settings = new();
        var section = builder.Configuration.GetSection(Section);
        var named = section.GetSection(connectionName);
        section.Bind(settings);
        named.Bind(settings);
        settings.ConnectionString = builder.Configuration.GetConnectionString(connectionName) ?? settings.ConnectionString;
        configureSettings?.Invoke(settings);

        var optionsName = serviceKey is null ? Options.Options.DefaultName : connectionName;
        builder.Services.AddKeyedSingleton(optionsName, new RedisConnectionSettings(settings));
        builder.Services.TryAddTransient<IOptionsFactory<ConfigurationOptions>, RedisOptionsFactory>();
        builder.Services.Configure<ConfigurationOptions>(optionsName, options =>
        {
            section.GetSection("ConfigurationOptions").Bind(options);
            named.GetSection("ConfigurationOptions").Bind(options);
            configureOptions?.Invoke(options);
        });

        RegisterConnection(builder.Services, connectionName, serviceKey, optionsName, activate: !settings.DisableAutoActivation);
        if (!settings.DisableTracing)
        {
            builder.Services.AddOpenTelemetry().WithTracing(
                tracing => tracing.AddSource("OpenTelemetry.Instrumentation.StackExchangeRedis"));
        }

        if (!settings.DisableHealthChecks)
        {
            RegisterHealthCheck(builder.Services, serviceKey);
        }

        return new(builder, settings, serviceKey);
    }

    private static void RegisterConnection(
        IServiceCollection services, string connectionName, string? serviceKey, string optionsName, bool activate)
    {
        if (serviceKey is null)
        {
            services.AddSingleton<IConnectionMultiplexer>(provider => Connect(provider, connectionName, optionsName));
            if (activate)
            {
                services.AddSingleton<IHostedService>(provider => new RedisActivation(() => provider.GetRequiredService<IConnectionMultiplexer>()));
            }
        }
        else
        {
            services.AddKeyedSingleton<IConnectionMultiplexer>(
                serviceKey, (provider, _) => Connect(provider, connectionName, optionsName));
            if (activate)
            {
                services.AddSingleton<IHostedService>(provider => new RedisActivation(() => provider.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey)));
            }
        }
    }

    private static void RegisterHealthCheck(IServiceCollection services, string? serviceKey)
    {
        var name = serviceKey is null ? "StackExchange.Redis" : $"StackExchange.Redis_{serviceKey}";
        services.AddHealthChecks();
        services.Configure<HealthCheckServiceOptions>(options =>
        {
            if (options.Registrations.All(registration => registration.Name != name))
            {
                options.Registrations.Add(new(
                    name,
                    provider => new RedisHealthCheck(() => serviceKey is null
                        ? provider.GetRequiredService<IConnectionMultiplexer>()
                        : provider.GetRequiredKeyedService<IConnectionMultiplexer>(serviceKey)),
                    null,
                    null));
            }
        });
    }

    private static ConnectionMultiplexer Connect(IServiceProvider services, string connectionName, string optionsName)
    {
        var options = services.GetRequiredService<IOptionsMonitor<ConfigurationOptions>>().Get(optionsName);
        if (options.EndPoints.Count == 0)
        {
            throw new InvalidOperationException(
                $"No endpoints specified. Ensure a valid connection string was provided in 'ConnectionStrings:{connectionName}' or for the '{Section}:ConnectionString' configuration key.");
        }

        options.LoggerFactory ??= services.GetService<ILoggerFactory>();
        return ConnectionMultiplexer.Connect(options);
    }
}
