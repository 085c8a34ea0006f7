using Aspire.Confluent.Kafka;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Producer.Delivery;

/// <summary>Sets up the client that sends the records.</summary>
internal static partial class KafkaClient
{
    /// <summary>The exit code when the client itself says that it cannot go on.</summary>
    public const int FatalErrorExitCode = 4;

    /// <summary>The client looks for records past their time once a second; reports have to be there before the request gives up.</summary>
    private static readonly TimeSpan ReportMargin = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// Requests to a broker at once. What comes meanwhile shares the next one, so that nobody has to linger for company: an event by itself is
    /// acknowledged after 1.2 ms instead of 7.3 (with 5 at once and a linger of 5 ms), and 64 clients of single events get 1.6 times as many
    /// through, for half of the processor time.
    /// </summary>
    private const int MaxInFlight = 2;

    /// <summary>Durable first: acknowledged by all replicas in sync, in order under retries. Then fast: no linger, lz4.</summary>
    public static void Configure(KafkaProducerSettings settings, IConfiguration configuration)
    {
        // The provider's check sends a record each time; BrokerHealthCheck asks instead.
        settings.DisableHealthChecks = true;

        if (configuration.TryReadKafkaOptions() is not { } kafka || TryReadOptions(configuration) is not { } producer)
        {
            return; // The validation at start is about to say what is wrong, and to stop the service.
        }

        var config = settings.Config;
        config.SocketKeepaliveEnable = true;
        config.TopicMetadataRefreshIntervalMs = 10_000;
        config.ReconnectBackoffMaxMs = 2_000;
        ClientSettings.Of(kafka).Apply(config);
        config.ClientId = "log-producer";
        config.CompressionType = CompressionType.Lz4;
        config.LingerMs = producer.LingerMs;
        // Of a report nothing else is looked at. Headers would be copied back record by record.
        config.DeliveryReportFields = "key";
        config.MessageTimeoutMs = (int)(producer.DeliveryTimeout - ReportMargin).TotalMilliseconds;
        config.QueueBufferingMaxMessages = producer.MaxQueuedRecords;
        config.QueueBufferingMaxKbytes = producer.MaxQueuedKilobytes;
        BrokerCapabilities.From(kafka).Apply(config);
        config.MaxInFlight = Math.Min(config.MaxInFlight ?? MaxInFlight, MaxInFlight);
    }

    private static ProducerOptions? TryReadOptions(IConfiguration configuration)
    {
        try
        {
            return configuration.GetSection(ProducerOptions.Section).Get<ProducerOptions>() ?? new ProducerOptions();
        }
        catch (InvalidOperationException)
        {
            return null; // A value of another type.
        }
    }

    /// <summary>Ends the service on an error after which the client takes nothing any more; whoever started it starts it again.</summary>
    public static void Build(IServiceProvider services, ProducerBuilder<string, byte[]> producer)
    {
        var lifetime = services.GetRequiredService<IHostApplicationLifetime>();
        var log = services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(KafkaClient));
        var errors = services.GetRequiredService<ConnectionErrors>();
        var clientLog = new KafkaClientLog(log, services.GetRequiredService<TimeProvider>());
        producer.SetLogHandler((_, message) =>
        {
            errors.Note(message);
            clientLog.Write(message);
        });
        producer.SetErrorHandler((_, error) =>
        {
            errors.Note(error);
            if (error.IsFatal)
            {
                LogFatal(log, error.Reason);
                Environment.ExitCode = FatalErrorExitCode;
                lifetime.StopApplication();
            }

            // The others stand in the client's log, and it recovers from them by itself.
        });
    }

    /// <summary>Another client beside that of the service, which ends it just as well.</summary>
    public static IProducer<string, byte[]> Make(IServiceProvider services, ProducerConfig config)
    {
        var producer = new ProducerBuilder<string, byte[]>(config);
        Build(services, producer);
        return producer.Build();
    }

    [LoggerMessage(30, LogLevel.Critical, "The Kafka client cannot go on, so the service stops: {Reason}")]
    private static partial void LogFatal(ILogger log, string reason);
}
