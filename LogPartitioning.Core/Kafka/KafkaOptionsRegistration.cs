using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Core.Kafka;

/// <summary>Registers <see cref="KafkaOptions"/> and what follows from them.</summary>
public static class KafkaOptionsRegistration
{
    /// <summary>The section of Aspire's Kafka integrations, which set one client of one service each.</summary>
    private const string IntegrationsSection = "Aspire:Confluent:Kafka";

    /// <summary>
    /// Binds <see cref="KafkaOptions"/> to the section <c>Kafka</c>, validates them at start, all problems at once, and
    /// adds <see cref="BrokerCapabilities"/> and <see cref="ConnectionErrors"/>.
    /// </summary>
    public static IServiceCollection AddKafkaOptions(this IServiceCollection services)
    {
        services.AddOptions<KafkaOptions>().BindConfiguration(KafkaOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KafkaOptions>, Validation>();
        services.AddSingleton(provider => new ConnectionErrors(provider.GetService<TimeProvider>() ?? TimeProvider.System));
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

    private sealed class Validation(IConfiguration configuration) : IValidateOptions<KafkaOptions>
    {
        public ValidateOptionsResult Validate(string? name, KafkaOptions options)
        {
            List<string> problems = [.. options.Problems(), .. Nested(), .. Elsewhere(), .. ClientSettings.Of(options).ProblemsOfAClient()];
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }

        /// <summary>A name in two parts binds to nothing, and would be no setting without a word.</summary>
        private IEnumerable<string> Nested() =>
            from setting in configuration.GetSection($"{KafkaOptions.Section}:{nameof(KafkaOptions.Client)}").GetChildren()
            from part in setting.GetChildren()
            select $"{part.Path} is no setting: names of client settings have one part, as in {setting.Path}.";

        /// <summary>Read by the integration of the producer alone, such a setting would leave every other client without it.</summary>
        private IEnumerable<string> Elsewhere() =>
            from setting in configuration.GetSection(IntegrationsSection).AsEnumerable()
            where setting.Value is not null && setting.Key.Contains(":Config:", StringComparison.OrdinalIgnoreCase)
            let client = $"{KafkaOptions.Section}:{nameof(KafkaOptions.Client)}:{setting.Key.Split(':')[^1]}"
            orderby setting.Key
            select $"{setting.Key} is not read: what every client of every service needs is set in one place, {client}.";
    }
}
