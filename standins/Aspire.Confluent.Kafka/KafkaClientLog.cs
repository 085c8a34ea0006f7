using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Confluent.Kafka;

/// <summary>Carries librdkafka's log lines to the application's log, category <c>Aspire.Confluent.Kafka</c>.</summary>
internal sealed partial class KafkaClientLog(ILogger logger)
{
    public static KafkaClientLog For(IServiceProvider services) =>
        new(services.GetRequiredService<ILoggerFactory>().CreateLogger("Aspire.Confluent.Kafka"));

    public void Write(LogMessage message)
    {
        var level = (LogLevel)message.LevelAs(LogLevelType.MicrosoftExtensionsLogging);
        Line(logger, level, message.Message);
    }

    public void HandlerTaken() => HandlerTaken(logger);

    [LoggerMessage(EventId = 1, Message = "{Message}")]
    private static partial void Line(ILogger logger, LogLevel level, string message);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "LogHandler is already set. Skipping... No logs will be written.")]
    private static partial void HandlerTaken(ILogger logger);
}
