using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// Passes on what the native client logs. While a broker is down the client says so many times a second; here each kind of
/// message comes at most every ten seconds, with the number left out. Safe for concurrent use.
/// </summary>
public sealed partial class KafkaClientLog(ILogger log, TimeProvider time)
{
    internal const string ConfigurationAdvice = "CONFWARN";

    private const string ProducerIdRetry = "Failed to acquire idempotence PID";
    private const string Retry = ": retrying";

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long At, int LeftOut)> _last = new(StringComparer.Ordinal);

    /// <summary>The handler to give to a client's builder.</summary>
    public void Write(LogMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (BrokerCapabilities.IsWarningOfOldBrokers(message))
        {
            return;
        }

        var leftOut = 0;
        lock (_lock)
        {
            // The client has a few dozen facilities, so this stays small.
            if (_last.TryGetValue(message.Facility, out var last))
            {
                if (time.GetElapsedTime(last.At) < Quiet)
                {
                    _last[message.Facility] = last with { LeftOut = last.LeftOut + 1 };
                    return;
                }

                leftOut = last.LeftOut;
            }

            _last[message.Facility] = (time.GetTimestamp(), 0);
        }

        var level = LevelOf(message);
        if (log.IsEnabled(level))
        {
            LogClient(level, message.Message, leftOut);
        }
    }

    // What the client calls an error, a lost connection for one, it recovers from by itself: nothing is lost.
    private static LogLevel LevelOf(LogMessage message) => message.Level switch
    {
        _ when message.Facility == ConfigurationAdvice => LogLevel.Debug,
        // Brokers that have just started need a moment until they can give an idempotent producer its id.
        _ when message.Message.Contains(ProducerIdRetry, StringComparison.Ordinal) && message.Message.EndsWith(Retry, StringComparison.Ordinal) => LogLevel.Information,
        SyslogLevel.Emergency or SyslogLevel.Alert or SyslogLevel.Critical => LogLevel.Error,
        SyslogLevel.Error or SyslogLevel.Warning => LogLevel.Warning,
        SyslogLevel.Notice or SyslogLevel.Info => LogLevel.Information,
        _ => LogLevel.Debug,
    };

    [LoggerMessage(EventId = 1001, Message = "{ClientMessage} ({LeftOut} of its kind left out)")]
    private partial void LogClient(LogLevel level, string clientMessage, int leftOut);
}
