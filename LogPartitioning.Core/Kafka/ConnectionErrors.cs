using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// What the clients of a service last said of their connections. A call that fails for one says that time is up and no more; why
/// (a certificate that is not trusted, a wrong password) the client told before, by itself. Safe for concurrent use.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class ConnectionErrors(TimeProvider time)
{
    private static readonly TimeSpan s_validFor = TimeSpan.FromSeconds(30);

    private volatile Noted? _last;

    /// <summary>Takes an error of a client.</summary>
    public void Note(Error error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (error.Code is ErrorCode.Local_Transport or ErrorCode.Local_Resolve or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl)
        {
            _last = new Noted(error.Reason, time.GetTimestamp());
        }
    }

    /// <summary>Takes a log message of a client: that a broker hangs up before it has answered once, the client tells nowhere else.</summary>
    public void Note(LogMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Facility == "FAIL" && message.Message.Contains("APIVERSION_QUERY", StringComparison.Ordinal))
        {
            // "[thrd:broker:9093/bootstrap]: broker:9093/bootstrap: Disconnected: … (after 2ms in state APIVERSION_QUERY)"
            var reason = message.Message[(message.Message.IndexOf("]: ", StringComparison.Ordinal) is var end and >= 0 ? end + 3 : 0)..];
            _last = new Noted(
                $"{reason}. A broker hangs up like that when it wants TLS and the client has none: see {KafkaOptions.Section}:{nameof(KafkaOptions.Client)}:{nameof(ClientConfig.SecurityProtocol)}",
                time.GetTimestamp());
        }
    }

    /// <summary>The reason of a call that failed, with what a client said of its connection lately where the client itself gave up.</summary>
    public string Explain(Error error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.IsLocalError && _last is { } last && time.GetElapsedTime(last.At) < s_validFor
            ? $"{error.Reason}: {last.Reason}"
            : error.Reason;
    }

    private sealed record Noted(string Reason, long At);
}
