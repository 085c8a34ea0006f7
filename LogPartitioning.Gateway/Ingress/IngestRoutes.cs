using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The ways in beside <c>/api/logs</c>: requests of other protocols go to the producer as they come, and its answers back (docs/ways-in.md).</summary>
/// <remarks>The ids of their events are made of what is sent, so they may come twice.</remarks>
internal static class IngestRoutes
{
    private static readonly string[] s_post = [HttpMethods.Post];

    public static void MapIngestRoutes(this IEndpointRouteBuilder routes)
    {
        routes.Map("/v1/logs", s_post, RetryAfter.AfterRestart);
        routes.Map("/ingest/clef", s_post);
        routes.Map("/api/events/raw", s_post).WithQuery("clef", "apiKey");
        routes.Map("/loki/api/v1/push", s_post);
        // What its clients ask before they send, as well.
        routes.Map("/elasticsearch/{**path}", [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Put]);
    }

    private static RouteHandlerBuilder Map(this IEndpointRouteBuilder routes, string pattern, IEnumerable<string> methods, TimeSpan? retryAfter = null) => routes
        .MapMethods(pattern, methods, (HttpContext context, ProducerClient producer) => ForwardAsync(context, producer, retryAfter))
        .RequireAuthorization(Roles.Write)
        // Each protocol has a description of its own.
        .ExcludeFromDescription();

    private static async Task<IResult> ForwardAsync(HttpContext context, ProducerClient producer, TimeSpan? retryAfter) =>
        // What is still escaped here the producer would unescape, and "%2e%2e" would lead to another route of its own, past the role that it needs.
        context.Request.Path.Value?.Contains('%', StringComparison.Ordinal) == true
            ? Results.NotFound()
            : await producer.ForwardUntilAnsweredAsync(context, context.Request.Path + context.Request.QueryString, retryAfter ?? RetryAfter.Soon);
}
