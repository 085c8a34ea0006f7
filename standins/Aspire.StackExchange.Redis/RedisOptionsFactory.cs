using global::StackExchange.Redis;
using global::StackExchange.Redis.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Aspire.StackExchange.Redis;

/// <summary>Starts each <see cref="ConfigurationOptions"/> from the connection string, so that others can still configure it.</summary>
internal sealed class RedisOptionsFactory(
    IServiceProvider services,
    IEnumerable<IConfigureOptions<ConfigurationOptions>> setups,
    IEnumerable<IPostConfigureOptions<ConfigurationOptions>> postConfigures,
    IEnumerable<IValidateOptions<ConfigurationOptions>> validations)
    : OptionsFactory<ConfigurationOptions>(setups, postConfigures, validations)
{
    protected override ConfigurationOptions CreateInstance(string name)
    {
        var options = services.GetKeyedService<RedisConnectionSettings>(name)?.Settings.ConnectionString is { } text
            ? ConfigurationOptions.Parse(text)
            : base.CreateInstance(name);
        if (options.Defaults.GetType() == typeof(DefaultOptionsProvider))
        {
            options.Defaults = new RetryingDefaults();
        }

        return options;
    }

    // A server that is not there yet is tried again, as in a container orchestrator.
    private sealed class RetryingDefaults : DefaultOptionsProvider
    {
        public override bool AbortOnConnectFail => false;
    }
}

/// <summary>Hands the settings of one connection to the options factory.</summary>
internal sealed record RedisConnectionSettings(StackExchangeRedisSettings Settings);
