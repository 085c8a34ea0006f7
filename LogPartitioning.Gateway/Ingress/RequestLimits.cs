using System.Threading.RateLimiting;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.RateLimiting;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>How much a client may ask of the gateway: rate per address, requests at a time, size of a body.</summary>
internal static class RequestLimits
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static void AddRequestLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddOptions<BodyLimits>().Configure<GatewayOptions>((limits, options) => limits.MaxBytes = options.MaxBodyBytes);
        builder.Services.AddRateLimiter(static _ => { });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<GatewayOptions>(Configure);
    }

    public static void UseRequestLimits(this WebApplication app)
    {
        app.UseRateLimiter();
        app.Use(static (context, next) =>
        {
            // At the last moment: an answer that is replaced by a problem loses the headers it had.
            context.Response.OnStarting(
                static state =>
                {
                    ((HttpResponse)state).Headers.XContentTypeOptions = "nosniff";
                    return Task.CompletedTask;
                },
                context.Response);
            return next(context);
        });
    }

    private static void Configure(RateLimiterOptions limiter, GatewayOptions options)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context => IsExempt(context)
                ? RateLimitPartition.GetNoLimiter("exempt")
                : RateLimitPartition.GetTokenBucketLimiter(
                    context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
                    _ => new()
                    {
                        TokenLimit = options.Burst,
                        TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
                        ReplenishmentPeriod = TimeSpan.FromMilliseconds(options.RequestsPerSecond >= 10 ? 100 : 1000.0 / options.RequestsPerSecond),
                        QueueLimit = 0,
                    })),
            PartitionedRateLimiter.Create<HttpContext, string>(context => IsExempt(context)
                ? RateLimitPartition.GetNoLimiter("exempt")
                : RateLimitPartition.GetConcurrencyLimiter("all", _ => new() { PermitLimit = options.ConcurrentRequests, QueueLimit = 0 })));
        limiter.OnRejected = static async (rejected, cancellationToken) =>
        {
            // Too fast is the client's doing; too many at once is nobody's in particular.
            var tooFast = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
            rejected.HttpContext.Response.SetRetryAfter(tooFast && wait > s_second ? wait : s_second);
            await Results.Problem(
                    statusCode: tooFast ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable,
                    detail: tooFast ? "This address sends more requests than one client may." : "The gateway serves as many requests as it may at once.")
                .ExecuteAsync(rejected.HttpContext);
        };
    }

    /// <summary>What watches the gateway must not be shut out by a client that is too eager.</summary>
    private static bool IsExempt(HttpContext context) =>
        context.Request.Path.Value is "/health" or "/alive" or "/metrics";
}
