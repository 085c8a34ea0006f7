using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Operate;

/// <summary><c>/api/operate</c>: what an operator does with the group's partitions.</summary>
internal static class OperateApi
{
    /// <summary>Adds what the endpoints need. The data source <c>logs</c>, the brokers' clients and the lag come from the service.</summary>
    public static IServiceCollection AddOperate(this IServiceCollection services)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<PartitionPauses>(provider, provider.GetRequiredService<HistoryClients>().Bounds));
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<OperateView>(provider, provider.GetRequiredService<HistoryClients>().Bounds));
        services.AddSingleton<PositionMoves>();
        return services;
    }

    public static void MapOperate(this IEndpointRouteBuilder routes)
    {
        var operate = routes.MapGroup("/api/operate").WithTags("Operating").AddEndpointFilter<UnavailableFilter>();
        operate.MapGet("/", ListAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetOperate")
            .WithSummary("Where each partition stands, and whether it is read")
            .WithResponseExample(StatusCodes.Status200OK, Examples.List)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operate.MapPost("pause", PauseAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("PausePartitions")
            .WithSummary("Has partitions not be read until they are resumed")
            .WithDescription(
                "The owner stores nothing of them from then on, and others go on. It outlasts restarts and changes of owner. Partitions that "
                + "are halted for another cause are not paused: 409 where they are named, left out of `all`.")
            .WithJsonBody<PauseBody>("""{"partitions":[3],"reason":"the disk is being changed"}""")
            .WithResponseExample(StatusCodes.Status200OK, """{"partitions":[3]}""")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operate.MapPost("resume", ResumeAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("ResumePartitions")
            .WithSummary("Has paused partitions be read again, at their positions")
            .WithJsonBody<ResumePausedBody>("""{"partitions":"all"}""")
            .WithResponseExample(StatusCodes.Status200OK, """{"partitions":[3]}""")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operate.MapPost("move/preview", PreviewAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("PreviewMove")
            .WithSummary("What moving positions would do; nothing is changed")
            .WithDescription("By one of `shiftBy`, `toTime`, `toOffset` and `to` (`beginning` or `end`). It is kept within what the brokers hold.")
            .WithJsonBody<MovePreviewBody>("""{"partitions":[3],"shiftBy":-500}""")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Moves)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        operate.MapPost("move", MoveAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("MovePositions")
            .WithSummary("Moves the positions of paused partitions, all of them or none")
            .WithDescription(
                "As previewed, with `expected`: the preview's `from` of each partition. 409 where one is not paused, or stands elsewhere. Back: records are "
                + "read again, and events that are stored already are not stored again. Forward: records are not read, which `GET /api/consumer/gaps` has as `skipped`.")
            .WithJsonBody<MoveBody>("""{"partitions":[3],"shiftBy":-500,"expected":{"3":1234}}""")
            .WithResponseExample(StatusCodes.Status200OK, Examples.Moves)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<OperateList>> ListAsync(OperateView view, CancellationToken cancellationToken) =>
        TypedResults.Ok(await view.ReadAsync(cancellationToken));

    private static async Task<Results<Ok<ChangedPartitions>, ProblemHttpResult>> PauseAsync(
        HttpContext context, PartitionPauses pauses, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<PauseBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(out var partitions, out var reason) is { Count: > 0 } problems)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, PartitionList.Show(partitions));
        return await pauses.PauseAsync(partitions, new PauseNote(KeyName.Of(context), reason), cancellationToken) switch
        {
            PauseOutcome.Paused paused => TypedResults.Ok(new ChangedPartitions(paused.Partitions)),
            PauseOutcome.Halted halted => TypedResults.Problem(
                $"Nothing is paused: {string.Join("; ", halted.Partitions.OrderBy(p => p.Key).Select(p => $"partition {p.Key} is halted ({p.Value.Cause})"))}. GET /api/consumer/halted tells what can be done.",
                statusCode: StatusCodes.Status409Conflict, title: "Halted for another cause"),
            PauseOutcome.Unknown unknown => UnknownPartitions(unknown.Partitions),
            _ => throw new InvalidOperationException("A pause has one of three outcomes."),
        };
    }

    private static async Task<Results<Ok<ChangedPartitions>, ProblemHttpResult>> ResumeAsync(
        HttpContext context, PartitionPauses pauses, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<ResumePausedBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(out var partitions) is { Count: > 0 } problems)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, PartitionList.Show(partitions));
        var resumed = await pauses.ResumeAsync(partitions, cancellationToken);
        return resumed.Count > 0
            ? TypedResults.Ok(new ChangedPartitions(resumed))
            : TypedResults.Problem(
                "None of these partitions is paused; GET /api/operate tells which are.",
                statusCode: StatusCodes.Status409Conflict, title: "Nothing to resume");
    }

    private static async Task<Results<Ok<MovePlanList>, ProblemHttpResult>> PreviewAsync(
        HttpContext context, PositionMoves moves, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<MovePreviewBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(out var partitions, out var target) is { Count: > 0 } problems)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, $"{PartitionList.Show(partitions)}, {target!.Show()}");
        return Answer(await moves.PreviewAsync(partitions, target, cancellationToken));
    }

    private static async Task<Results<Ok<MovePlanList>, ProblemHttpResult>> MoveAsync(
        HttpContext context, PositionMoves moves, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<MoveBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(out var partitions, out var target, out var expected) is { Count: > 0 } problems)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, $"{PartitionList.Show(partitions)}, {target!.Show()}");
        return Answer(await moves.MoveAsync(partitions, target, expected, cancellationToken));
    }

    private static Results<Ok<MovePlanList>, ProblemHttpResult> Answer(MoveOutcome outcome) => outcome switch
    {
        MoveOutcome.Planned planned => TypedResults.Ok(new MovePlanList(planned.Plans)),
        MoveOutcome.Refused refused => TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status409Conflict, title: "The positions cannot be moved"),
        MoveOutcome.Unknown unknown => UnknownPartitions(unknown.Partitions),
        _ => throw new InvalidOperationException("A move has one of three outcomes."),
    };

    private static ProblemHttpResult UnknownPartitions(IReadOnlyList<int> partitions) => TypedResults.Problem(
        $"The topic has no such partitions: {string.Join(", ", partitions)}.",
        statusCode: StatusCodes.Status422UnprocessableEntity, title: "No such partition");

    private static class Examples
    {
        public const string List = """
            {"group":"log-processors","topic":"log-events","partitions":[
            {"partition":0,"stored":911,"beginning":0,"end":1031,"lag":120,"owner":"consumer-1/0","state":"running","since":null,"by":null,"reason":null},
            {"partition":3,"stored":400,"beginning":0,"end":520,"lag":120,"owner":"consumer-1/1","state":"paused","since":"2026-11-22T07:00:00+00:00","by":"anna","reason":"the disk is being changed"}]}
            """;

        public const string Moves = """
            {"partitions":[{"partition":3,"from":1234,"to":734,"direction":"back","records":500,"earliest":0,"latest":1300,"clamped":false,"why":null,
            "firstAt":"2026-11-22T07:00:00+00:00","paused":true}]}
            """;
    }
}

/// <summary>What a move does, or did, by partition.</summary>
internal sealed record MovePlanList(IReadOnlyList<MovePlan> Partitions);

/// <summary>The partitions that a command has changed.</summary>
internal sealed record ChangedPartitions(IReadOnlyList<int> Partitions);
