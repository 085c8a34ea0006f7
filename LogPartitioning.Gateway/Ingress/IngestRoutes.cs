using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The ways in beside <c>/api/logs</c>: requests of other protocols go to the producer as they come, and its answers back.</summary>
internal static class IngestRoutes
{
    /// <summary>Method, pattern, name and what it takes.</summary>
    private static readonly (string Method, string Pattern, string Name, string Summary)[] s_routes =
    [
        (HttpMethods.Post, "/v1/logs", "PostOtlpLogs", "Takes an OTLP ExportLogsServiceRequest, in protobuf or JSON"),
    ];

    public static void MapIngestRoutes(this IEndpointRouteBuilder routes)
    {
        foreach (var (method, pattern, name, summary) in s_routes)
        {
            routes.MapMethods(pattern, [method], ForwardAsync)
                .WithTags("Ways in")
                .RequireAuthorization(Roles.Write)
                .WithName(name)
                .WithSummary(summary)
                .WithDescription("docs/ways-in.md has what becomes of an event, how it is answered and what a request does that comes again.");
        }
    }

    private static async Task<IResult> ForwardAsync(HttpContext context, ProducerClient producer) =>
        await producer.ForwardAsync(context, context.Request.Path + context.Request.QueryString);
}
