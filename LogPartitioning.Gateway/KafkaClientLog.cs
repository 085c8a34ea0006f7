using Confluent.Kafka;

namespace LogPartitioning.Gateway;

/// <summary>What the Kafka client says, at the level that it has for this service.</summary>
internal static partial class KafkaClientLog
{
    public static void Write(ILogger logger, LogMessage message)
    {
        // The client calls a lost broker an error; it connects again by itself, and the lag views say what they miss.
        var level = message.Level switch
        {
            // Settings for old brokers are deprecated; it says so of each client, each time.
            _ when message.Facility == "CONFWARN" => LogLevel.Debug,
            <= SyslogLevel.Critical => LogLevel.Error,
            <= SyslogLevel.Warning => LogLevel.Warning,
            <= SyslogLevel.Info => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        Said(logger, level, message.Facility, message.Message);
    }

    public static void Write(ILogger logger, Error error) =>
        Said(logger, error.IsFatal ? LogLevel.Error : LogLevel.Warning, "error", error.Reason);

    [LoggerMessage(EventId = 4001, Message = "Kafka client, {Facility}: {Text}")]
    private static partial void Said(ILogger logger, LogLevel level, string facility, string text);
}
