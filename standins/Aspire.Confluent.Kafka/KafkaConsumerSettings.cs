using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>How to connect to Kafka to consume messages; section <c>Aspire:Confluent:Kafka:Consumer[:name]</c>.</summary>
public sealed class KafkaConsumerSettings
{
    /// <summary>The bootstrap servers, <c>host:port</c> separated by commas.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The client's own settings.</summary>
    public ConsumerConfig Config { get; } = new();

    /// <summary>Leaves the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves the metrics out.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Leaves the tracing out.</summary>
    public bool DisableTracing { get; set; }

    internal void Consolidate()
    {
        if (ConnectionString is not null)
        {
            Config.BootstrapServers = ConnectionString;
        }

        if (!DisableMetrics)
        {
            Config.StatisticsIntervalMs ??= 1000;
        }
    }

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Config.BootstrapServers))
        {
            throw new InvalidOperationException("No bootstrap servers configured.");
        }

        if (string.IsNullOrEmpty(Config.GroupId))
        {
            throw new InvalidOperationException("No group id configured.");
        }
    }
}
