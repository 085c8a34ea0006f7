using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>A line for each operator's command, also for one that was refused: which key, what, on what, and how it ended.</summary>
public sealed partial class AuditLog
{
    private const int MaxTargetLength = 500;
    private static readonly object s_target = new();
    private readonly ILogger _logger;

    internal AuditLog(ILoggerFactory loggers) => _logger = loggers.CreateLogger(Category);

    /// <summary>The category of the lines.</summary>
    internal const string Category = "LogPartitioning.Audit";

    /// <summary>Says what the command is about, where its path does not. Nothing that a client may keep secret.</summary>
    public static void Targets(HttpContext context, string target)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Items[s_target] = target;
    }

    internal async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint?.Metadata.GetMetadata<IAuthorizeData>()?.Policy != Roles.Operate)
        {
            await next(context);
            return;
        }

        // What it stays when an exception passes: the handler above makes it the answer.
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            await next(context);
            status = context.Response.StatusCode;
        }
        finally
        {
            LogCommand(
                _logger,
                endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? context.Request.Method,
                TargetOf(context),
                context.Features.Get<KnownKey>()?.Name ?? "(unknown)",
                context.Connection.RemoteIpAddress?.ToString(),
                status < 400 ? "done" : status < 500 ? "refused" : "failed",
                status);
        }
    }

    /// <summary>The path stays encoded, so that it is one line.</summary>
    private static string TargetOf(HttpContext context)
    {
        var target = context.Request.Path.ToUriComponent() + (context.Items[s_target] is string more ? " " + more : "");
        return target.Length <= MaxTargetLength ? target : target[..MaxTargetLength] + "…";
    }

    [LoggerMessage(7001, LogLevel.Information, "Operator's command {Command} on {Target} by the key {Key} from {Address}: {Outcome} ({Status})")]
    private static partial void LogCommand(ILogger logger, string command, string target, string key, string? address, string outcome, int status);
}
