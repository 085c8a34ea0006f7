using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Scaling;

/// <summary><c>/api/scaling</c>: how many consumers there should be, and why.</summary>
internal static class ScalingApi
{
    public static void MapScalingApi(this IEndpointRouteBuilder routes)
    {
        var scaling = routes.MapGroup("/api/scaling").WithTags("Scaling");
        scaling.MapGet("", GetAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetScaling")
            .WithSummary("The desired number of consumers, with the reasons")
            .WithDescription("A consumer is a member of the group: one worker of an instance. `desiredInstances` is the same in instances. The advice rises at once and falls after the stabilisation window.")
            .WithResponseExample(StatusCodes.Status200OK, Example);
        scaling.MapGet("history", GetHistory)
            .RequireAuthorization(Roles.Read)
            .WithName("GetScalingHistory")
            .WithSummary("The last 100 changes of the advice, newest first; since the gateway started")
            .WithResponseExample(StatusCodes.Status200OK, HistoryExample);
    }

    private static async Task<Results<Ok<ScalingAdvice>, ProblemHttpResult>> GetAsync(
        HttpContext context, ScalingState scaling, LagMonitor lag, RebalanceLog rebalances, CancellationToken cancellationToken)
    {
        if (scaling.Current is { } advice && lag.Current is { } report)
        {
            var past = await rebalances.ReadAsync(cancellationToken);
            return TypedResults.Ok(advice with { Price = RebalancePrice.Of(advice, report.Partitions.Count, past.Items) });
        }

        context.Response.SetRetryAfter(RetryAfter.Soon);
        return TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            detail: lag.Problem ?? "The lag has not been read yet.");
    }

    private static Ok<ScalingHistoryResponse> GetHistory(ScalingHistory history) =>
        TypedResults.Ok(new ScalingHistoryResponse(history.Changes));

    /// <summary>Changes of advice.</summary>
    /// <param name="Items">The changes, newest first.</param>
    internal sealed record ScalingHistoryResponse(IReadOnlyList<ScalingChange> Items);

    private const string Example = """
        {"at":"2026-11-22T07:00:30+00:00","current":3,"desired":6,"recommended":6,"workersPerInstance":3,"currentInstances":1,"desiredInstances":2,
        "totalLag":5500,"reasons":["lag 5500 / threshold 1000 calls for 6"],"price":{"partitions":6,"pauseMs":873,"longestPauseMs":1420,"measuredPauses":12,
        "text":"Going from 3 to 6 consumers would move 6 of 12 partitions; each would pause for about 873 ms, at worst 1420 ms, by 12 measured pauses. The others go on."}}
        """;

    private const string HistoryExample = """
        {"items":[{"at":"2026-11-22T07:00:30+00:00","from":1,"to":6,"current":3,"totalLag":5500,"reasons":["lag 5500 / threshold 1000 calls for 6"]}]}
        """;
}
