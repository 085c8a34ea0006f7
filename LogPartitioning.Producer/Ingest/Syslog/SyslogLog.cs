using System.Net;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>What the ways in of syslog log. What senders can bring about again and again comes at most every ten seconds of its kind.</summary>
internal sealed partial class SyslogLog(ILogger<SyslogLog> log, TimeProvider time)
{
    private readonly Occasion _refused = new(time);
    private readonly Occasion _dropped = new(time);
    private readonly Occasion _tooLarge = new(time);
    private readonly Occasion _failed = new(time);
    private readonly Occasion _cut = new(time);

    public void Listening(string protocol, EndPoint address) => LogListening(log, protocol, $"{address}");

    public void TooManyConnections(int most)
    {
        if (_refused.IsDue(1, out var count))
        {
            LogTooManyConnections(log, most, count);
        }
    }

    public void QueueIsFull(int datagrams)
    {
        if (_dropped.IsDue(datagrams, out var count))
        {
            LogQueueIsFull(log, count);
        }
    }

    public void TooLarge(int events, string problem)
    {
        if (_tooLarge.IsDue(events, out var count))
        {
            LogTooLarge(log, count, problem);
        }
    }

    public void Failed(string protocol, Exception failure)
    {
        if (_failed.IsDue(1, out var count))
        {
            LogFailed(log, failure, protocol, count);
        }
    }

    /// <summary>A sender that goes away without an end is none of this service's faults.</summary>
    public void Cut(string peer, string reason)
    {
        if (_cut.IsDue(1, out var count))
        {
            LogCut(log, peer, reason, count);
        }
    }

    public void Stopped(int events) => LogStopped(log, events);

    [LoggerMessage(40, LogLevel.Information, "Taking in syslog over {Protocol} at {Address}.")]
    private static partial void LogListening(ILogger log, string protocol, string address);

    [LoggerMessage(41, LogLevel.Warning, "Syslog over TCP has {Most} connections, which is the most: {Count} more were closed at once.")]
    private static partial void LogTooManyConnections(ILogger log, int most, long count);

    [LoggerMessage(42, LogLevel.Error, "{Count} messages of syslog over UDP were dropped: as many as may wait are waiting for the brokers.")]
    private static partial void LogQueueIsFull(ILogger log, long count);

    [LoggerMessage(43, LogLevel.Error, "{Count} messages of syslog were dropped, since the brokers never take them: {Problem}")]
    private static partial void LogTooLarge(ILogger log, long count, string problem);

    [LoggerMessage(44, LogLevel.Error, "Syslog over {Protocol} failed, {Count} times; it goes on.")]
    private static partial void LogFailed(ILogger log, Exception failure, string protocol, long count);

    [LoggerMessage(45, LogLevel.Information, "A connection of syslog from {Peer} was cut: {Reason} ({Count} of them since the last such line)")]
    private static partial void LogCut(ILogger log, string peer, string reason, long count);

    [LoggerMessage(46, LogLevel.Error, "{Events} messages of syslog that had come are lost: the service stopped before the brokers had acknowledged them.")]
    private static partial void LogStopped(ILogger log, int events);

    /// <summary>Something that is told at most every ten seconds, with how often it was.</summary>
    private sealed class Occasion(TimeProvider time)
    {
        private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(10);
        private readonly Lock _lock = new();
        private long? _told;
        private long _count;

        public bool IsDue(int more, out long count)
        {
            lock (_lock)
            {
                _count += more;
                count = _count;
                if (_told is { } told && time.GetElapsedTime(told) < s_quiet)
                {
                    return false;
                }

                (_told, _count) = (time.GetTimestamp(), 0);
                return true;
            }
        }
    }
}
