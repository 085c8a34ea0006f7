using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>What the application says about its resources.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "Waiting for resource '{Resource}' ({WaitType}).")]
    public static partial void Waiting(ILogger logger, string resource, WaitType waitType);

    [LoggerMessage(2, LogLevel.Information, "Finished waiting for resource '{Resource}'.")]
    public static partial void Waited(ILogger logger, string resource);

    // What the application says about itself needs no stack trace.
    public static void FailedToStart(ILogger logger, Exception exception, string resource) =>
        FailedToStart(logger, exception is DistributedApplicationException ? null : exception, resource, exception.Message);

    [LoggerMessage(3, LogLevel.Error, "Failed to start resource '{Resource}': {Reason}")]
    private static partial void FailedToStart(ILogger logger, Exception? exception, string resource, string reason);

    [LoggerMessage(4, LogLevel.Information, "Distributed application starting. Application host directory is: {Directory}")]
    public static partial void Starting(ILogger logger, string directory);

    [LoggerMessage(5, LogLevel.Information, "Distributed application started. Press Ctrl+C to shut down.")]
    public static partial void Started(ILogger logger);

    [LoggerMessage(6, LogLevel.Warning, "Resource '{Resource}' did not end within {Seconds} s of being asked and is killed.")]
    public static partial void Killed(ILogger logger, string resource, int seconds);

    [LoggerMessage(7, LogLevel.Error, "A subscriber of '{Event}' of resource '{Resource}' failed.")]
    public static partial void SubscriberFailed(ILogger logger, Exception exception, string @event, string resource);

    [LoggerMessage(8, LogLevel.Warning, "'{Name}' contains a URL customisation for endpoint '{Endpoint}', which does not exist.")]
    public static partial void NoEndpointForUrl(ILogger logger, string name, string endpoint);

    [LoggerMessage(9, LogLevel.Error, "Command '{Command}' of resource '{Resource}' failed.")]
    public static partial void CommandFailed(ILogger logger, Exception exception, string command, string resource);
}
