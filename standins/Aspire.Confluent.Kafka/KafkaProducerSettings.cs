using Confluent.Kafka;

namespace Aspire.Confluent.Kafka;

/// <summary>How to connect to Kafka to produce messages; section <c>Aspire:Confluent:Kafka:Producer[:name]</c>.</summary>
public sealed class KafkaProducerSettings
{
    /// <summary>The bootstrap servers, <c>host:port</c> separated by commas.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>The client's own settings.</summary>
    public ProducerConfig Config { get; } = new();

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
    }
}
