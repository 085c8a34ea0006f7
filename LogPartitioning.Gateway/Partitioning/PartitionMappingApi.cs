using System.ComponentModel;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Partitioning;

/// <summary><c>/api/partition-mapping</c>: where sources go, which are hot, and how to split them.</summary>
internal static class PartitionMappingApi
{
    private const string Path = "/api/partition-mapping";
    private const string ProducerPath = GroupMappingReader.ProducerPath;

    public static void MapPartitionMappingApi(this IEndpointRouteBuilder routes)
    {
        var mapping = routes.MapGroup(Path).WithTags("Partitioning");
        mapping.MapGet("", GetAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetPartitionMapping")
            .WithSummary("Source -> keys -> partitions, events seen, and what is hot")
            .WithDescription("With `?source=` of that source, also one that was never seen. `hotPartitions` are those that take more than the set multiple of their fair share while their lag is not falling; a source is hot when it makes such a partition so.")
            .WithRepeatedQuery("source")
            .Produces<GroupPartitionMapping>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithResponseExample(StatusCodes.Status200OK, Example);
        mapping.MapPut("", ForwardAsync).WithQuery("source").WithName("SplitNamedSource").DescribeSplit();
        mapping.MapDelete("", ForwardAsync).WithQuery("source").WithName("UnsplitNamedSource").DescribeUnsplit();

        // The same with the rest of the path, for a source that a path can carry.
        mapping.MapPut("{**source}", ForwardAsync).WithName("SplitSource").DescribeSplit();
        mapping.MapDelete("{**source}", ForwardAsync).WithName("UnsplitSource").DescribeUnsplit();
    }

    private static void DescribeSplit(this RouteHandlerBuilder route) => route
        .RequireAuthorization(Roles.Operate)
        .WithSummary("Splits a hot source into several keys")
        .WithJsonBody<SplitBody>("""{"keys":4}""")
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static void DescribeUnsplit(this RouteHandlerBuilder route) => route
        .RequireAuthorization(Roles.Operate)
        .WithSummary("Gives a source back its single key")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetAsync(
        HttpContext context,
        [Description("Sources to tell about, seen or not; without it the heaviest and the split ones")] string[]? source,
        GroupMappingReader mappings,
        CancellationToken cancellationToken)
    {
        using var answer = await mappings.ReadAsync(context.Request.QueryString, source is { Length: > 0 }, cancellationToken);
        return answer.Mapping is { } mapping ? Results.Json(mapping) : await answer.RefusalAsync(context, cancellationToken);
    }

    /// <summary>Names the source in the query, which can carry every one, whichever way it came.</summary>
    private static async Task<IResult> ForwardAsync(
        HttpContext context, [Description("The source, which may be any that an event may have")] string? source, ProducerClient producer)
    {
        if (!RouteText.TryRead(context, Path, source ?? "", out source))
        {
            return Refusals.ByField("source", $"with the segment . or .. cannot be told in a path; send it as the parameter source: {context.Request.Method} {Path}?source=…");
        }

        if (context.Request.QueryString.HasValue)
        {
            AuditLog.Targets(context, Uri.EscapeDataString(source));
        }

        return await producer.ForwardAsync(context, $"{ProducerPath}?source={Uri.EscapeDataString(source)}");
    }

    private const string Example = """
        {"partitions":12,"sources":[{"source":"checkout-7","keys":[{"key":"checkout-7","partition":10}],"events":5120,"share":0.51,"hot":true}],
        "hotPartitions":[{"partition":10,"share":0.53,"fairShare":0.0833,"lag":0,"reason":"53 % of what arrived in 60 s, 6.4 times its fair share; its consumer keeps up","sources":["checkout-7"]}]}
        """;
}
