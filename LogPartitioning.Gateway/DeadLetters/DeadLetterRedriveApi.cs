using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Which dead letters a job sends through again; without a reason and items, all of them.</summary>
/// <param name="Reason">Those of this reason.</param>
/// <param name="Items">Those with these origins, 1 to 100.</param>
/// <param name="DryRun">True sends nothing and counts what would be sent.</param>
/// <param name="RatePerSecond">The most that are sent in a second, 1 to 1,000; 100 without it.</param>
internal sealed record DeadLetterRedriveJobBody(
    string? Reason = null, IReadOnlyList<DeadLetterRedriveItem?>? Items = null, bool? DryRun = null, int? RatePerSecond = null)
{
    private const int DefaultRate = 100;

    /// <summary>The order; null where <paramref name="problems"/> has something.</summary>
    public DeadLetterRedriveOrder? Read(DeadLetterRedriveReader reader, string? startedBy, out IDictionary<string, string[]> problems)
    {
        problems = new Dictionary<string, string[]>();
        IReadOnlyList<DeadLetterRedrive>? items = null;
        if (Items is not null)
        {
            items = reader.Read(new DeadLetterRedriveBody(Items), out problems);
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i].Corrected is not null)
                {
                    problems[$"items[{i}].event"] = ["is for POST /api/dead-letters/replay; a job sends the records' own bytes"];
                }
            }
        }
        if (Reason is { Length: 0 or > DeadLetterEndpoints.MaxReasonCharacters })
        {
            problems["reason"] = [$"must have 1 to {DeadLetterEndpoints.MaxReasonCharacters} characters, or be left out"];
        }
        else if (Reason is not null && Items is not null)
        {
            problems["reason"] = ["must be left out where items are named"];
        }
        if (DryRun is null)
        {
            problems["dryRun"] = ["is required"];
        }
        if (RatePerSecond is not (null or (>= 1 and <= DeadLetterRedriveJobs.MaxRate)))
        {
            problems["ratePerSecond"] = [$"must be 1 to {DeadLetterRedriveJobs.MaxRate}"];
        }
        return problems.Count > 0 || DryRun is not { } dryRun
            ? null
            : new DeadLetterRedriveOrder(Reason, items?.Select(item => item.Origin).ToList(), dryRun, RatePerSecond ?? DefaultRate, startedBy);
    }
}

/// <summary>A row of the ledger.</summary>
/// <param name="Origin">Which dead letter, by where its record was.</param>
/// <param name="State"><c>replayed</c>, or <c>unknown</c> where it was about to be sent and nobody knows whether it arrived.</param>
/// <param name="At">When.</param>
/// <param name="NewPartition">Where the new record is, when replayed.</param>
/// <param name="NewOffset">Where the new record is, when replayed.</param>
internal sealed record DeadLetterRedriven(RecordPlace Origin, string State, DateTimeOffset At, int? NewPartition, long? NewOffset)
{
    public static DeadLetterRedriven Of((DeadLetterOrigin Origin, DeadLetterRedriveEntry Entry) row) => new(
        new RecordPlace(row.Origin.Topic, row.Origin.Partition, row.Origin.Offset, row.Origin.TopicId.Length > 0 ? row.Origin.TopicId : null),
        row.Entry.Sent ? "replayed" : "unknown", row.Entry.At, row.Entry.Partition, row.Entry.Offset);
}

/// <summary>What was sent through again of late.</summary>
/// <param name="Jobs">The last 20 jobs of this gateway, newest first.</param>
/// <param name="Items">The last 100 dead letters that any gateway sent, newest first.</param>
internal sealed record DeadLetterRedriveList(IReadOnlyList<DeadLetterRedriveJob> Jobs, IReadOnlyList<DeadLetterRedriven> Items);

/// <summary>Dead letters sent through again by jobs.</summary>
internal static class DeadLetterRedriveApi
{
    private const string Route = "/api/dead-letters/redrives";
    private const int Newest = 100;

    /// <summary>Maps <c>redrives</c> below <c>/api/dead-letters</c>.</summary>
    public static void MapDeadLetterRedrives(this IEndpointRouteBuilder group)
    {
        group.MapPost("/redrives", StartAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("StartRedrive")
            .WithSummary("Sends many dead letters through again, each at most once, in the background")
            .WithDescription(
                "Those of a reason, those named by their origins, or all that the topic holds now; their records' own bytes. One job runs at a "
                + "time: 409 names it. With `dryRun` nothing is sent, and `replayed` counts what would be.")
            .WithJsonBody<DeadLetterRedriveJobBody>("""{"reason":"malformed_json","dryRun":true,"ratePerSecond":100}""")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/redrives", ListAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("ListRedrives")
            .WithSummary("The last jobs of this gateway, and the last dead letters that were sent again")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/redrives/{id:guid}", Find)
            .RequireAuthorization(Roles.Read)
            .WithName("GetRedrive")
            .WithSummary("How far a job is");
        group.MapDelete("/redrives/{id:guid}", Cancel)
            .RequireAuthorization(Roles.Operate)
            .WithName("CancelRedrive")
            .WithSummary("Ends a job between two dead letters; what it has sent stays sent");
    }

    private static async Task<Results<Accepted<DeadLetterRedriveJob>, ProblemHttpResult>> StartAsync(
        HttpContext context, DeadLetterRedriveReader reader, DeadLetterRedriveJobs jobs)
    {
        var (body, refusal) = await JsonBody.ReadAsync<DeadLetterRedriveJobBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(reader, KeyName.Of(context), out var problems) is not { } order)
        {
            return Refusals.ByField(problems);
        }
        // The reason may be any text, and the line is to stay one.
        var what = order.Items is { } items ? string.Join(", ", items.Select(item => $"{item.Partition}@{item.Offset}"))
            : order.Reason is { } reason ? $"reason {Uri.EscapeDataString(reason)}" : "all";
        AuditLog.Targets(context, $"{what}, {order.RatePerSecond} a second{(order.DryRun ? ", dry run" : "")}");
        var (job, started) = jobs.Start(order);
        return started
            ? TypedResults.Accepted($"{Route}/{job.Id}", job)
            : TypedResults.Problem(
                $"The redrive {job.Id} runs. Wait for its end or cancel it.", statusCode: StatusCodes.Status409Conflict, title: "Another redrive runs");
    }

    private static async Task<Ok<DeadLetterRedriveList>> ListAsync(
        DeadLetterRedriveJobs jobs, DeadLetterRedriveLedger ledger, CancellationToken cancellationToken) => TypedResults.Ok(
            new DeadLetterRedriveList(jobs.List(), [.. (await ledger.ReadNewestAsync(Newest, cancellationToken)).Select(DeadLetterRedriven.Of)]));

    private static Results<Ok<DeadLetterRedriveJob>, NotFound> Find(Guid id, DeadLetterRedriveJobs jobs) =>
        jobs.Find(id) is { } job ? TypedResults.Ok(job) : TypedResults.NotFound();

    private static Results<Accepted<DeadLetterRedriveJob>, NotFound> Cancel(Guid id, DeadLetterRedriveJobs jobs) =>
        jobs.Cancel(id) is { } job ? TypedResults.Accepted($"{Route}/{id}", job) : TypedResults.NotFound();
}
