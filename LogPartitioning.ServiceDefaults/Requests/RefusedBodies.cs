using System.Buffers;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// Sees to it that a request that is refused before its body was read is answered. Most clients read the answer when they have
/// sent the whole body; a server that answers and closes resets the connection under them, and the answer is lost.
/// </summary>
internal static class RefusedBodies
{
    /// <summary>What is read on and thrown away, at most; a client that sends more sees its connection closed.</summary>
    private const long MaxDiscarded = 64 * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Puts the server's own limit above that of the service by as much as may be thrown away.</summary>
    public static void AddBodyLimits(this IServiceCollection services) => services.AddOptions<KestrelServerOptions>()
        .Configure<IOptions<BodyLimits>>((kestrel, limits) => kestrel.Limits.MaxRequestBodySize = limits.Value.MaxBytes + MaxDiscarded);

    /// <summary>Comes before everything that answers.</summary>
    public static void UseAnsweredRefusals(this WebApplication app) => app.Use(static async (context, next) =>
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            await next(context);
            return;
        }

        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            if (IsRefused(context) && AwaitsWord(context))
            {
                // Told no instead of "continue", it sends no body, and what comes next on the connection would be taken for it.
                context.Response.Headers.Connection = "close";
            }

            return Task.CompletedTask;
        }, context);
        await next(context);
        if (IsRefused(context) && !AwaitsWord(context))
        {
            await DiscardAsync(context);
        }
    });

    private static bool IsRefused(HttpContext context) => context.Response.StatusCode >= StatusCodes.Status400BadRequest;

    /// <summary>Whether the client waits for <c>100 Continue</c>, which is sent when the body is first read.</summary>
    private static bool AwaitsWord(HttpContext context) =>
        !HasBegun(context) && context.Request.Headers.Expect.ToString().Equals("100-continue", StringComparison.OrdinalIgnoreCase);

    private static bool HasBegun(HttpContext context) => context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: true };

    private static async Task DiscardAsync(HttpContext context)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(s_patience);
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            // The answer first: a client that does not wait for its own end may go.
            await context.Response.CompleteAsync();
            if (!HasBegun(context) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            long discarded = 0;
            int read;
            do
            {
                read = await context.Request.Body.ReadAsync(buffer, patience.Token);
                discarded += read;
            }
            while (read > 0 && discarded < MaxDiscarded);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // It is answered; how its body ends is of no matter. Closing the connection is the server's.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
