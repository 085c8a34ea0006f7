using LogPartitioning.Core.Storage.Retention;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Retention;

/// <summary><c>/api/retention</c>: what is kept for how long.</summary>
internal static class RetentionApi
{
    private const string Route = "/api/retention";

    private const string Example = """
        {"settings":{"retentionDays":30,"retentionDaysByLevel":{"Debug":3},"idWindowDays":7,"maxTimestampLead":"1.00:00:00"},"running":false,
         "plan":{"at":"2026-11-28T08:00:00Z","eventsBefore":"2026-10-29","idsStoredBefore":"2026-11-21","events":331000,"ids":330000,"bytes":163000000,"items":[
           {"kind":"day","day":"2026-10-28","level":null,"rows":330000,"bytes":124000000},
           {"kind":"events","day":"2026-11-24","level":"Debug","rows":1000,"bytes":376000},
           {"kind":"idsOfDay","day":"2026-11-20","level":null,"rows":330000,"bytes":38600000}]},
         "days":[{"day":"2026-10-28","events":330000,"eventBytes":124000000,"ids":0,"idBytes":0}],
         "runs":[{"startedAt":"2026-11-28T07:00:00Z","endedAt":"2026-11-28T07:00:01Z","by":"consumer-1","settings":"events 30 days, Debug 3, ids 7","days":1,"events":330000,"ids":330000,"bytes":162000000,"error":null}]}
        """;

    /// <summary>Adds what the endpoints need.</summary>
    public static void AddRetention(this IServiceCollection services)
    {
        services.AddLogRetention();
        services.AddSingleton<RetentionReader>();
        services.AddSingleton<RetentionRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionRunner>());
    }

    /// <summary>Maps <c>/api/retention</c>.</summary>
    public static void MapRetention(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Route).WithTags("Retention").AddEndpointFilter<UnavailableFilter>();
        group.MapGet("/", ReadAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetRetention")
            .WithSummary("How long events are kept, what would be dropped now, the days that there are, and the last runs")
            .WithResponseExample(StatusCodes.Status200OK, Example)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapPost("/", StartAsync)
            .RequireAuthorization(Roles.Operate)
            .WithName("RunRetention")
            .WithSummary("Drops now what the plan names, as consumers do every hour")
            .WithDescription("Answered when it has started; GET tells by `running` and `runs` how it ended. Refused with 409 where one runs, here or at a consumer.")
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<RetentionView>> ReadAsync(RetentionReader retention, CancellationToken cancellationToken) =>
        TypedResults.Ok(await retention.ReadAsync(cancellationToken));

    private static async Task<Results<Accepted, ProblemHttpResult>> StartAsync(RetentionRunner runner, CancellationToken cancellationToken) =>
        await runner.TryStartAsync(cancellationToken)
            ? TypedResults.Accepted(Route)
            : TypedResults.Problem(
                "Only one run goes on at a time, over all consumers and gateways. GET /api/retention tells when it has ended.",
                statusCode: StatusCodes.Status409Conflict, title: "Retention runs");
}
