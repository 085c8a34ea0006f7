using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Puts a protocol on a route.</summary>
internal static class IngestRoutes
{
    /// <summary>Maps <c>POST</c> of the route to a protocol, for those that may write.</summary>
    public static RouteHandlerBuilder MapIngest(this IEndpointRouteBuilder routes, string route, IIngestProtocol protocol) => routes.MapIngest(route, protocol, HttpMethods.Post);

    /// <summary>Maps these methods of the route to a protocol, for those that may write.</summary>
    public static RouteHandlerBuilder MapIngest(this IEndpointRouteBuilder routes, string route, IIngestProtocol protocol, params IEnumerable<string> methods) => routes
        .MapMethods(route, methods, (HttpContext context, EventIntake intake) => intake.AnswerAsync(context, protocol))
        .RequireAuthorization(Roles.Write);
}
