using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Commands;

/// <summary>What commands write into the log of their resource while they run.</summary>
internal static partial class CommandLog
{
    [LoggerMessage(1, LogLevel.Information, "Starting {Consumer}.")]
    public static partial void Starting(ILogger logger, string consumer);

    [LoggerMessage(2, LogLevel.Information, "Stopping {Consumer}: it finishes and commits what it has read.")]
    public static partial void Stopping(ILogger logger, string consumer);

    [LoggerMessage(3, LogLevel.Information, "{Accepted} of {Events} test events are acknowledged.")]
    public static partial void Acknowledged(ILogger logger, int accepted, int events);
}
