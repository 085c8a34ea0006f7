using System.ComponentModel;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Views;

/// <summary>What the console's pages show, as JSON under their names: <c>/api/overview</c>, <c>/api/partitions</c>, <c>/api/sources</c>, <c>/api/rebalances</c>.</summary>
internal static class ViewsApi
{
    public static void MapViewsApi(this IEndpointRouteBuilder routes)
    {
        var views = routes.MapGroup("/api").WithTags("Views");
        views.MapGet("overview", GetOverviewAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetOverview")
            .WithSummary("Rates, lag, consumers, imbalance, alarms and the last half hour")
            .WithDescription("What other endpoints tell in full, on one screen. `problem` says why it is not a recent reading. `history` is this gateway's own, since it started: a sample every 5 s or every `Lag:Interval`, whichever is longer.")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Overview);
        views.MapGet("partitions", GetPartitions)
            .RequireAuthorization(Roles.Read)
            .WithName("GetPartitions")
            .WithSummary("Every partition, now and over the last half hour")
            .WithDescription("`times` are those of `lagHistory` and `rateHistory`.")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Partitions);
        views.MapGet("sources", GetSourcesAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetSources")
            .WithSummary("Sources by rate and share, which are hot or split, and what follows")
            .WithDescription("With `?source=` of that source, also one that was never seen. Without it of the heaviest and of all split ones.")
            .WithRepeatedQuery("source")
            .Produces<SourcesView>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithResponseExample(StatusCodes.Status200OK, Examples.Sources);
        views.MapGet("rebalances", GetRebalancesAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetRebalanceTimeline")
            .WithSummary("The last 100 rebalances, newest first; the same as /api/consumer/rebalances")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Rebalances);
    }

    private static async Task<Ok<OverviewView>> GetOverviewAsync(OverviewReader overview, CancellationToken cancellationToken) =>
        TypedResults.Ok(await overview.ReadAsync(cancellationToken));

    private static Ok<PartitionsView> GetPartitions(PartitionsReader partitions) => TypedResults.Ok(partitions.Read());

    private static async Task<Ok<RebalanceView>> GetRebalancesAsync(RebalanceLog rebalances, CancellationToken cancellationToken) =>
        TypedResults.Ok(await rebalances.ReadAsync(cancellationToken));

    private static async Task<IResult> GetSourcesAsync(
        HttpContext context,
        [Description("Sources to tell about, seen or not; without it the heaviest and the split ones")] string[]? source,
        GroupMappingReader mappings,
        CancellationToken cancellationToken)
    {
        using var answer = await mappings.ReadAsync(context.Request.QueryString, source is { Length: > 0 }, cancellationToken);
        return answer.Mapping is { } mapping ? Results.Json(SourcesView.From(mapping)) : await answer.RefusalAsync(context, cancellationToken);
    }

    private static class Examples
    {
        public const string Overview = """
            {"at":"2026-11-22T07:00:00+00:00","problem":null,"status":"healthy","verdict":"OK","reason":"the group keeps up","alarms":[],"arrivedPerSecond":812.4,
            "storedPerSecond":812.4,"totalLag":0,"drain":{"seconds":0,"text":"drained"},"consumers":9,"desiredConsumers":1,"instances":3,"imbalance":1.4,"imbalanceSeconds":60,
            "lastRebalance":null,"history":[{"at":"2026-11-22T07:00:00+00:00","arrivedPerSecond":812.4,"storedPerSecond":812.4,"lag":0,"consumers":9,"imbalance":1.4}]}
            """;

        public const string Partitions = """
            {"at":"2026-11-22T07:00:00+00:00","problem":null,"times":["2026-11-22T07:00:00+00:00"],"partitions":[{"partition":0,"lag":120,"lagSeconds":1.2,
            "lagSecondsIsAtLeast":false,"arrivedPerSecond":25,"storedPerSecond":50,"share":0.08,"hot":false,"owner":"consumer-1/0","verdict":"OK","reason":"the lag falls",
            "drain":{"seconds":4.8,"text":"in 5 s"},"stored":911,"endOffset":1031,"halt":null,"lagHistory":[120],"rateHistory":[25]}]}
            """;

        public const string Sources = """
            {"partitions":12,"windowSeconds":60,"windowEvents":10040,"fairShare":0.0833,"sources":[{"source":"checkout-7","keys":[{"key":"checkout-7","partition":10}],
            "events":5120,"eventsPerSecond":85.3,"share":0.51,"fairShares":6.12,"hot":true,"split":null,"suggestedKeys":4,
            "advice":"Hot: it sends 6.1 fair shares of a partition under one key. Splitting it into 4 keys would spread it; order then holds within each key."}],"hotPartitions":[]}
            """;

        public const string Rebalances = """
            {"live":true,"reason":null,"items":[{"id":"0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10","at":"2026-11-22T07:00:00+00:00","instance":"consumer-2","worker":0,
            "group":"log-processors","cause":"join","gained":[4],"givenUp":[],"kept":[5],"drained":0,"dropped":0,"durationMs":412,"pauses":[{"partition":4,"ms":873}]}]}
            """;
    }
}
