using System.Globalization;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Gateway.Replay;

/// <summary>Stored history, processed again.</summary>
internal static class ReplayEndpoints
{
    private const string Route = "/api/consumer/replay";

    /// <summary>Adds what the endpoints need. The data source <c>logs</c> and the Kafka options come from the service.</summary>
    public static IHostApplicationBuilder AddReplay(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton<HistoryClients>();
        services.TryAddSingleton(provider =>
        {
            var clients = provider.GetRequiredService<HistoryClients>();
            return new ReplayPlanner(
                clients.Bounds,
                provider.GetRequiredService<NpgsqlDataSource>(),
                provider.GetRequiredService<Confluent.Kafka.IAdminClient>(),
                provider.GetRequiredService<BrokerCapabilities>(),
                clients.Topics);
        });
        services.TryAddSingleton<ReplayJobs>();
        return builder;
    }

    /// <summary>Maps <c>/api/consumer/replay</c>.</summary>
    public static IEndpointRouteBuilder MapReplay(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Route).WithTags("Replay").AddEndpointFilter<UnavailableFilter>();
        group.MapPost("/", StartAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("StartReplay")
            .WithSummary("Processes stored history again, into the store, without duplicates")
            .WithDescription(
                "Reads the brokers' records of one partition or of all from an offset or a time up to where the group stands, and "
                + "stores the events that are missing. The group's positions do not move. Refused with 409 where the brokers no "
                + "longer have the records or another replay runs, with 422 where the group has never been.")
            .WithJsonBody<ReplayBody>("""{"partition":"all","from":"2026-11-22T07:00:00Z"}""")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/", ListAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("ListReplays")
            .WithSummary("The last replays, newest first");
        group.MapGet("/{id:guid}", FindAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetReplay")
            .WithSummary("How far a replay is, and what it found");
        group.MapDelete("/{id:guid}", CancelAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("CancelReplay")
            .WithSummary("Stops a replay; what it has stored stays");
        return routes;
    }

    private static async Task<Results<Accepted<ReplayJobView>, ProblemHttpResult>> StartAsync(
        HttpContext context, ReplayPlanner planner, ReplayJobs jobs, IOptions<KafkaOptions> topics, TimeProvider time, CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync<ReplayBody>(context);
        if (body is null)
        {
            return refusal;
        }
        if (body.Read(out var problems) is not { } request)
        {
            return Refusals.ByField(problems);
        }
        AuditLog.Targets(context, $"partition {request.Partition?.ToString(CultureInfo.InvariantCulture) ?? "all"}, from {TextOf(request.From)}");
        switch (await planner.PlanAsync(request, cancellationToken))
        {
            case ReplayPlan.OutOfRange refused:
                return TypedResults.Problem(
                    refused.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "Nothing to replay there");
            case ReplayPlan.Gone refused:
                return TypedResults.Problem(
                    refused.Reason, statusCode: StatusCodes.Status409Conflict, title: "The brokers no longer have the records");
            case ReplayPlan.Accepted plan when NewJob(request, plan, topics.Value.Topic, time.GetUtcNow()) is var job && await jobs.TryAddAsync(job, cancellationToken):
                return TypedResults.Accepted($"{Route}/{job.Id}", ReplayJobView.Of(job));
            default:
                return TypedResults.Problem(
                    "Only one replay runs at a time, over all gateways. Wait for its end or cancel it.",
                    statusCode: StatusCodes.Status409Conflict, title: "Another replay runs");
        }
    }

    private static async Task<Ok<ReplayJobList>> ListAsync(ReplayJobs jobs, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ReplayJobList([.. (await jobs.ListAsync(cancellationToken)).Select(ReplayJobView.Of)]));

    private static async Task<Results<Ok<ReplayJobView>, NotFound>> FindAsync(Guid id, ReplayJobs jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(id, cancellationToken) is { } job ? TypedResults.Ok(ReplayJobView.Of(job)) : TypedResults.NotFound();

    private static async Task<Results<Accepted<ReplayJobView>, NotFound>> CancelAsync(Guid id, ReplayJobs jobs, CancellationToken cancellationToken) =>
        await jobs.CancelAsync(id, cancellationToken) is { } job
            ? TypedResults.Accepted($"{Route}/{id}", ReplayJobView.Of(job))
            : TypedResults.NotFound();

    private static ReplayJob NewJob(ReplayRequest request, ReplayPlan.Accepted plan, string topic, DateTimeOffset now) => new(
        Guid.CreateVersion7(now),
        topic,
        request.Partition?.ToString(CultureInfo.InvariantCulture) ?? "all",
        TextOf(request.From),
        ReplayState.Running,
        ReplayProgress.Start(plan.Ranges, plan.Logs, plan.TopicId),
        Error: null,
        now,
        EndedAt: null);

    private static string TextOf(ReplayStart from) => from switch
    {
        ReplayStart.Offset offset => offset.Value.ToString(CultureInfo.InvariantCulture),
        ReplayStart.Time time => time.Value.ToString("O", CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException("A replay starts at an offset or at a time."),
    };
}
