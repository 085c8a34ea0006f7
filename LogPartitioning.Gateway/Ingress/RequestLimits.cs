using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.RateLimiting;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>How much a client may ask of the gateway: rate per address, requests at a time, size of a body.</summary>
internal static class RequestLimits
{
    /// <summary>Of the places that there are for large answers one address leaves some to the others, also where it takes its own slowly.</summary>
    private const int MaxLargeAnswers = 8;
    private const int MaxWaitingForLargeAnswers = 64;

    /// <summary>Requests that are held here as a whole, over all clients: each may have 4 MiB.</summary>
    private const int MaxHeldRequests = 32;
    private const int MaxWaitingToBeHeld = 256;

    /// <summary>Of the 16 bytes of an IPv6 address, those that name the network of one client.</summary>
    private const int ClientNetworkBytes = 8;

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static void AddRequestLimits(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddOptions<BodyLimits>().Configure<GatewayOptions>((limits, options) =>
        {
            limits.MaxBytes = options.MaxBodyBytes;
            // The other half is there for those that are not slow.
            limits.MaxArriving = Math.Max(1, options.ConcurrentRequests / 2);
        });
        builder.Services.AddOptions<RateLimiterOptions>().Configure<GatewayOptions>(Configure);
    }

    /// <summary>No browser is to take an answer for anything but what it is called.</summary>
    public static void UseNoSniff(this WebApplication app) => app.Use(static (context, next) =>
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

    /// <summary>Marks an endpoint whose answers are large: few are made at once for one address.</summary>
    public static TBuilder WithLargeAnswers<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(LargeAnswers.Instance);

    /// <summary>Marks an endpoint that holds a request as a whole, instead of streaming it on: few are let in at once.</summary>
    public static TBuilder WithHeldRequests<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(HeldRequests.Instance);

    private static void Configure(RateLimiterOptions limiter, GatewayOptions options)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            Limiter(IsCounted, AddressOf, () => new TokenBucketRateLimiter(new()
            {
                TokenLimit = options.Burst,
                TokensPerPeriod = Math.Max(1, options.RequestsPerSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(options.RequestsPerSecond >= 10 ? 100 : 1000.0 / options.RequestsPerSecond),
                QueueLimit = 0,
            })),
            Limiter(IsCounted, static _ => "all", () => AtOnce(options.ConcurrentRequests, waiting: 0)),
            Limiter(HasLargeAnswers, AddressOf, static () => AtOnce(MaxLargeAnswers, MaxWaitingForLargeAnswers)),
            Limiter(IsHeld, static _ => "all", static () => AtOnce(MaxHeldRequests, MaxWaitingToBeHeld)));
        limiter.OnRejected = static async (rejected, cancellationToken) =>
        {
            // Too fast is the client's doing; too many at once is nobody's in particular.
            var tooFast = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait);
            rejected.HttpContext.Response.SetRetryAfter(tooFast && wait > s_second ? wait : s_second);
            await Results.Problem(
                    statusCode: tooFast ? StatusCodes.Status429TooManyRequests : StatusCodes.Status503ServiceUnavailable,
                    detail: tooFast ? "This address sends more requests than one client may." : "The gateway serves as many requests of this kind as it may at once.")
                .ExecuteAsync(rejected.HttpContext);
        };
    }

    private static PartitionedRateLimiter<HttpContext> Limiter(Func<HttpContext, bool> counts, Func<HttpContext, string> key, Func<RateLimiter> make) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => counts(context)
            ? RateLimitPartition.Get(key(context), _ => make())
            : RateLimitPartition.GetNoLimiter(""));

    private static ConcurrencyLimiter AtOnce(int requests, int waiting) =>
        new(new() { PermitLimit = requests, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>What watches the gateway must not be shut out by a client that is too eager.</summary>
    private static bool IsCounted(HttpContext context) =>
        context.Request.Path.Value is not ("/health" or "/alive" or "/metrics");

    private static bool HasLargeAnswers(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<LargeAnswers>() is not null;

    private static bool IsHeld(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<HeldRequests>() is not null;

    /// <summary>The client's address. Of IPv6 the network: a client has as many addresses of one as it likes.</summary>
    internal static string AddressOf(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(ClientNetworkBytes).Clear();
        return new IPAddress(bytes).ToString();
    }

    private sealed class LargeAnswers
    {
        public static readonly LargeAnswers Instance = new();
    }

    private sealed class HeldRequests
    {
        public static readonly HeldRequests Instance = new();
    }
}
