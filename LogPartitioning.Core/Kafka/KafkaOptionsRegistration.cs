using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Core.Kafka;

/// <summary>Registers <see cref="KafkaOptions"/> and what follows from them.</summary>
public static class KafkaOptionsRegistration
{
    /// <summary>
    /// Binds <see cref="KafkaOptions"/> to the section <c>Kafka</c>, validates them at start, all problems at once, and
    /// adds <see cref="BrokerCapabilities"/>.
    /// </summary>
    public static IServiceCollection AddKafkaOptions(this IServiceCollection services)
    {
        services.AddOptions<KafkaOptions>().BindConfiguration(KafkaOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KafkaOptions>, Validation>();
        services.AddSingleton(provider =>
        {
            // Made once in a service, so this is where it is said once.
            var brokers = BrokerCapabilities.From(provider.GetRequiredService<IOptions<KafkaOptions>>().Value);
            brokers.WarnOfOldBrokers(provider.GetRequiredService<ILogger<BrokerCapabilities>>());
            return brokers;
        });
        return services;
    }

    /// <summary>
    /// The options before the service is built, for what has to be set up by then; null where they break a rule, which the
    /// validation at start is about to say.
    /// </summary>
    public static KafkaOptions? TryReadKafkaOptions(this IConfiguration configuration)
    {
        try
        {
            var options = configuration.GetSection(KafkaOptions.Section).Get<KafkaOptions>() ?? new KafkaOptions();
            return options.Problems().Any() ? null : options;
        }
        catch (InvalidOperationException)
        {
            return null; // A value of another type.
        }
    }

    private sealed class Validation : IValidateOptions<KafkaOptions>
    {
        public ValidateOptionsResult Validate(string? name, KafkaOptions options)
        {
            var problems = options.Problems().ToList();
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
