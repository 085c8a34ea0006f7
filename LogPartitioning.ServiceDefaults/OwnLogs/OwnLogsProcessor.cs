using LogPartitioning.ServiceDefaults.Access;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace LogPartitioning.ServiceDefaults.OwnLogs;

/// <summary>
/// Chooses which of a service's log records are sent into the system: none that comes of taking own logs, none below the level, and no more than a rate allows,
/// so that a fault which logs of itself for each event cannot feed on what it logs.
/// </summary>
/// <param name="exporter">Sends them.</param>
/// <param name="options">The level and the rate.</param>
/// <param name="time">The clock.</param>
/// <param name="link">Where it is said that some were left out.</param>
internal sealed partial class OwnLogsProcessor(BaseExporter<LogRecord> exporter, OwnLogsOptions options, TimeProvider time, OwnLogsLink link)
    : BatchLogRecordExportProcessor(exporter, maxQueueSize: MaxQueued, scheduledDelayMilliseconds: DelayMilliseconds)
{
    private const int DelayMilliseconds = 2000;

    /// <summary>There is room for a minute's worth after a minute's worth at once, at the rate that it has unless it is set.</summary>
    private const int MaxQueued = 4096;

    private const int SecondsAtOnce = 60;

    private readonly Lock _gate = new();
    private double _allowed = MostAtOnce(options);
    private long _since = time.GetTimestamp();
    private long _leftOut;

    /// <inheritdoc />
    public override void OnEnd(LogRecord data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.LogLevel < options.MinimumLevel || IsOfOwnLogs(data))
        {
            return;
        }

        var (isTaken, leftOut) = Take();
        if (isTaken)
        {
            base.OnEnd(data);
        }

        if (leftOut > 0 && link.Now is { } service)
        {
            // Not here: other loggers have yet to take this record, whose state belongs to the thread.
            ThreadPool.UnsafeQueueUserWorkItem(_ => LogLeftOut(service.Logger, leftOut, options.MaxPerSecond), null);
        }
    }

    private static int MostAtOnce(OwnLogsOptions options) => Math.Min(SecondsAtOnce * options.MaxPerSecond, MaxQueued / 2);

    /// <summary>What an operator does is always kept: nobody does it by sending logs.</summary>
    private static bool IsOfOwnLogs(LogRecord data) => OwnLogsMark.IsHere && data.CategoryName != AuditLog.Category;

    /// <summary>Takes one of those that are allowed.</summary>
    /// <returns>Whether there was one, and how many were left out until now, once there is room again to say so.</returns>
    private (bool IsTaken, long LeftOut) Take()
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _allowed = Math.Min(_allowed + (time.GetElapsedTime(_since, now).TotalSeconds * options.MaxPerSecond), MostAtOnce(options));
            _since = now;
            if (_allowed < 1)
            {
                _leftOut++;
                return (false, 0);
            }

            _allowed--;
            // With room for more than the line that says it.
            var leftOut = _allowed >= options.MaxPerSecond ? _leftOut : 0;
            _leftOut -= leftOut;
            return (true, leftOut);
        }
    }

    [LoggerMessage(7101, LogLevel.Warning, "{Count} log records of this service were not stored in the system: there were more than {MaxPerSecond} a second for a minute")]
    private static partial void LogLeftOut(ILogger logger, long count, int maxPerSecond);
}
