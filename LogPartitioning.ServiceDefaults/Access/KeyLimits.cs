using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>How many requests a second each key may send: as many at once as in a second.</summary>
internal sealed class KeyLimits : IAsyncDisposable
{
    private const int RefillsPerSecond = 10;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    // By rate too: a key whose rate was changed starts anew. Those that are idle go by themselves.
    private readonly PartitionedRateLimiter<KnownKey> _limiter = PartitionedRateLimiter.Create<KnownKey, (string, int)>(key => key.RequestsPerSecond is { } rate
        ? RateLimitPartition.GetTokenBucketLimiter((key.Name, rate), _ => BucketOf(rate))
        : RateLimitPartition.GetNoLimiter((key.Name, 0)));

    public async Task LimitAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<KnownKey>() is not { RequestsPerSecond: { } rate } key)
        {
            await next(context);
            return;
        }

        using var lease = _limiter.AttemptAcquire(key);
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        context.Response.SetRetryAfter(lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) && wait > s_second ? wait : s_second);
        await Results.Problem(
                $"The key \"{key.Name}\" may send {rate} requests a second.",
                statusCode: StatusCodes.Status429TooManyRequests,
                title: "The key sends too many requests.")
            .ExecuteAsync(context);
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private static TokenBucketRateLimiterOptions BucketOf(int rate)
    {
        var tokens = (rate + RefillsPerSecond - 1) / RefillsPerSecond;
        return new()
        {
            TokenLimit = rate,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = s_second * tokens / rate,
            QueueLimit = 0,
        };
    }
}
