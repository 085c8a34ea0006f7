using System.Threading.RateLimiting;
using LogPartitioning.ServiceDefaults;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Bounds the requests that send events: so many at work, so many waiting, the others 503 at once.</summary>
internal sealed class ConcurrentRequests(IOptions<ProducerOptions> options, ProducerMetrics metrics) : IConfigureOptions<RateLimiterOptions>
{
    public const string Policy = "ingest";

    public void Configure(RateLimiterOptions limiter)
    {
        limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
        limiter.AddConcurrencyLimiter(Policy, limit =>
        {
            limit.PermitLimit = options.Value.MaxConcurrentRequests;
            limit.QueueLimit = options.Value.MaxWaitingRequests;
            limit.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
        });
        limiter.OnRejected = async (rejected, cancellationToken) =>
        {
            metrics.Rejected(RejectionReason.Overloaded);
            var response = rejected.HttpContext.Response;
            response.SetRetryAfter(RetryAfter.Soon);
            await response.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new()
            {
                HttpContext = rejected.HttpContext,
                ProblemDetails =
                {
                    Status = StatusCodes.Status503ServiceUnavailable,
                    Title = "The service is busy.",
                    Detail = "Too many requests are waiting for their turn.",
                },
            });
        };
    }
}
