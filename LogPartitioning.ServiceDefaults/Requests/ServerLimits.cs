using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// How long the line and the headers of a request may be. The server answers what passes its own limits before any code of ours
/// runs, with a status and nothing else; so its limits lie above these, and what lies between is answered here, with the limit. Not far
/// above: it puts the whole line into texts before anybody has looked at its length.
/// </summary>
internal static class ServerLimits
{
    private static readonly TimeSpan s_headTime = TimeSpan.FromSeconds(30);

    /// <summary>What a client must send or take on average, so that one that has gone away, or pretends to be slow, is not waited for for ever.</summary>
    private const double MinBytesPerSecond = 1024;
    private static readonly TimeSpan s_rateGrace = TimeSpan.FromSeconds(5);

    /// <summary>Further ones are closed at once.</summary>
    private const int MaxConnections = 10_000;

    /// <summary>What the server takes from a connection before a service reads it: with many connections that is memory without a use.</summary>
    private const int MaxUnread = 64 * 1024;

    private const int MaxRequestLine = 8 * 1024;
    private const int MaxHeaders = 100;
    private const int MaxHeaderBytes = 32 * 1024;

    /// <summary>The limits in words, for what the server finds before the exact figure is known.</summary>
    public static readonly string RequestLineRule = string.Create(CultureInfo.InvariantCulture, $"The request line must have at most {MaxRequestLine} bytes.");
    public static readonly string HeadersRule = string.Create(CultureInfo.InvariantCulture, $"There must be at most {MaxHeaders} headers, with at most {MaxHeaderBytes} bytes together.");
    public static readonly string TimeRule = string.Create(CultureInfo.InvariantCulture, $"The head of a request must come within {s_headTime.TotalSeconds} s.");

    public static void AddServerLimits(this IServiceCollection services) => services.Configure<KestrelServerOptions>(static kestrel =>
    {
        kestrel.Limits.RequestHeadersTimeout = s_headTime;
        kestrel.Limits.MinRequestBodyDataRate = new(MinBytesPerSecond, s_rateGrace);
        kestrel.Limits.MinResponseDataRate = new(MinBytesPerSecond, s_rateGrace);
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestBufferSize = MaxUnread;
        kestrel.Limits.MaxRequestLineSize = 2 * MaxRequestLine;
        kestrel.Limits.MaxRequestHeaderCount = 2 * MaxHeaders;
        kestrel.Limits.MaxRequestHeadersTotalSize = 2 * MaxHeaderBytes;
    });

    public static void UseServerLimits(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (LineOf(context) is var line && line > MaxRequestLine)
        {
            return RefuseAsync(context, StatusCodes.Status414UriTooLong, $"The request line must have at most {MaxRequestLine} bytes, and has {line}.");
        }

        // A header that stands several times counts as often.
        var (count, bytes) = (0, 0);
        foreach (var (name, values) in context.Request.Headers)
        {
            foreach (var value in values)
            {
                count++;
                bytes += name.Length + (value?.Length ?? 0) + ": \r\n".Length;
            }
        }

        return count > MaxHeaders ? RefuseAsync(context, StatusCodes.Status431RequestHeaderFieldsTooLarge, $"There must be at most {MaxHeaders} headers, and there are {count}.")
            : bytes > MaxHeaderBytes ? RefuseAsync(context, StatusCodes.Status431RequestHeaderFieldsTooLarge, $"The headers must have at most {MaxHeaderBytes} bytes together, and have {bytes}.")
            : next(context);
    });

    /// <summary>The length of the request line, its end included.</summary>
    private static int LineOf(HttpContext context) =>
        context.Request.Method.Length + (context.Features.Get<IHttpRequestFeature>()?.RawTarget.Length ?? 0) + context.Request.Protocol.Length + "  \r\n".Length;

    private static Task RefuseAsync(HttpContext context, int status, FormattableString detail) =>
        TypedResults.Problem(detail.ToString(CultureInfo.InvariantCulture), statusCode: status).ExecuteAsync(context);
}
