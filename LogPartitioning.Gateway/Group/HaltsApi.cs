using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Group;

/// <summary><c>/api/consumer/halted</c> and <c>/api/consumer/gaps</c>: what is not read, and what could not be.</summary>
internal static class HaltsApi
{
    public static void MapHaltsApi(this IEndpointRouteBuilder routes)
    {
        var consumer = routes.MapGroup("/api/consumer").WithTags("Consumer group").AddEndpointFilter<UnavailableFilter>();
        consumer.MapGet("halted", ListAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetHaltedPartitions")
            .WithSummary("Partitions that are not read until an operator decides, and what can be done")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Halted)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        consumer.MapPost("halted/resume", ResumeAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("ResumeHaltedPartitions")
            .WithSummary("Lets halted partitions be read again")
            .WithDescription(
                "`beginning`, for a log that was replaced or lost its end: reads the log that is there from its beginning; the rows of the old one "
                + "stay, and an event that is stored already is not stored again. `retry` and `setAside`, where too many records were refused: goes "
                + "on with the record at which it stopped, and with `setAside` sends all that is refused up to the present end to the dead letters. "
                + "`retry` also ends a pause.")
            .WithJsonBody<ResumeBody>("""{"partitions":"all","action":"beginning"}""")
            .WithResponseExample(StatusCodes.Status200OK, """{"partitions":[0,1,2,3]}""")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        consumer.MapGet("gaps", GapsAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetLogGaps")
            .WithSummary("Records that were gone before they were stored, or were skipped on request, newest first")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Gaps)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<HaltedPartitionList>> ListAsync(HaltedPartitions halted, CancellationToken cancellationToken) =>
        TypedResults.Ok(new HaltedPartitionList(await halted.ListAsync(cancellationToken)));

    private static async Task<Results<Ok<ResumedPartitions>, ProblemHttpResult>> ResumeAsync(
        HttpContext context, HaltedPartitions halted, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<ResumeBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(out var partitions) is { Count: > 0 } problems)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, $"partitions {(partitions is null ? "all" : string.Join(", ", partitions))}, {body.Action}");
        var resumed = await halted.ResumeAsync(partitions, body.Action!, cancellationToken);
        return resumed.Count > 0
            ? TypedResults.Ok(new ResumedPartitions(resumed))
            : TypedResults.Problem(
                $"None of these partitions is halted for a cause to which \"{body.Action}\" is an answer; GET /api/consumer/halted tells what is.",
                statusCode: StatusCodes.Status409Conflict, title: "Nothing to resume");
    }

    private static async Task<Ok<LogGapList>> GapsAsync(LogGaps gaps, CancellationToken cancellationToken) =>
        TypedResults.Ok(await gaps.ReadAsync(cancellationToken));

    private static class Examples
    {
        public const string Halted = """
            {"items":[{"partition":3,"cause":"log_replaced","detail":"the position is of topic id 4kCoLhHdQ0S4PGZBmsTdTw, and the brokers have XlA2vqPzRMqbOUSj3PBKOg: the topic was created again",
            "since":"2026-11-22T07:00:00+00:00","stored":400,"topicId":"4kCoLhHdQ0S4PGZBmsTdTw","log":1,"actions":["beginning"]}]}
            """;

        public const string Gaps = """
            {"total":250,"items":[{"partition":3,"log":1,"from":100,"to":350,"offsets":250,"cause":"deleted","at":"2026-11-22T07:00:00+00:00"}]}
            """;
    }
}
