namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>The values of the label <c>reason</c> of <c>log_syslog_dropped_total</c>.</summary>
internal static class SyslogDrop
{
    /// <summary>A datagram came while as many as may wait were waiting.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>The brokers' limit of a message is below the event.</summary>
    public const string TooLarge = "too_large";

    /// <summary>This service failed with a batch of datagrams, in a way that nobody thought of; the log says how.</summary>
    public const string Failed = "failed";

    /// <summary>The service stopped before the brokers had acknowledged it.</summary>
    public const string Stopped = "stopped";
}
