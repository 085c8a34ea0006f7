using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Confluent.Kafka;

/// <summary>Healthy when a small record to <c>healthchecks-topic</c> is acknowledged within a second.</summary>
internal sealed class KafkaHealthCheck(ClientConfig client) : IHealthCheck, IDisposable
{
    private const string Topic = "healthchecks-topic";

    private readonly Lock _gate = new();
    private IProducer<string, string>? _producer;

    /// <summary>Registers the check once per name, whoever asks first.</summary>
    public static void Register(IServiceCollection services, string name, Func<ClientConfig> client)
    {
        services.TryAddKeyedSingleton(name, (_, _) => new KafkaHealthCheck(client()));
        services.AddHealthChecks();
        services.Configure<HealthCheckServiceOptions>(options =>
        {
            if (options.Registrations.All(registration => registration.Name != name))
            {
                options.Registrations.Add(new(name, provider => provider.GetRequiredKeyedService<KafkaHealthCheck>(name), null, null));
            }
        });
    }

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var message = new Message<string, string> { Key = "healthcheck-key", Value = $"Check Kafka healthy on {DateTime.UtcNow}" };
            var result = await Producer().ProduceAsync(Topic, message, cancellationToken);
            return result.Status == PersistenceStatus.NotPersisted
                ? new(context.Registration.FailureStatus, "Message is not persisted or a failure is raised on health check for kafka.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new(context.Registration.FailureStatus, exception: e);
        }
    }

    public void Dispose() => _producer?.Dispose();

    private IProducer<string, string> Producer()
    {
        lock (_gate)
        {
            return _producer ??= new ProducerBuilder<string, string>(Config())
                .SetLogHandler((_, _) => { }) // the check's result says it
                .Build();
        }
    }

    // The client's own settings reach the brokers, so they reach them here too; only the timeouts differ.
    private ProducerConfig Config() => new(client.ToDictionary(pair => pair.Key, pair => pair.Value))
    {
        SocketTimeoutMs = 1000,
        MessageTimeoutMs = 1000,
        StatisticsIntervalMs = 0,
    };
}
