using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>The <c>traceId</c> of a problem, by which the log tells what its client is not told.</summary>
public static class RequestId
{
    /// <summary>The id of the request at hand.</summary>
    public static string Of(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
    }
}
