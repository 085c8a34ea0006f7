using System.Globalization;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Application;

/// <summary>The way past the services to the brokers of a running application.</summary>
internal static class KafkaAccess
{
    /// <summary>Brokers before 0.11 keep no headers, so that nobody knows whose a timestamp is.</summary>
    public static bool HasHeaders => InstalledServersProbe.Servers.Kafka.Version >= new Version(0, 11);

    /// <summary>The Kafka options that the application's services run with, as far as they are not the defaults.</summary>
    public static KafkaOptions OptionsOf(RunningApplication application)
    {
        // The services are told, since old brokers cannot say it themselves; so the services know.
        const string Name = "Kafka__BrokerVersion=";
        var environment = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{application.ProcessId("producer")}/environ"));
        var version = environment.Split('\0').FirstOrDefault(v => v.StartsWith(Name, StringComparison.Ordinal))?[Name.Length..];
        return new KafkaOptions { BrokerVersion = version };
    }

    /// <summary>A client's configuration for the application's brokers.</summary>
    public static T Configure<T>(RunningApplication application, T config)
        where T : ClientConfig
    {
        config.BootstrapServers = application.BootstrapServers;
        var brokers = BrokerCapabilities.From(OptionsOf(application));
        if (config is ProducerConfig producer)
        {
            brokers.Apply(producer);
        }
        else
        {
            brokers.Apply(config);
        }

        return config;
    }
}
