using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Audit;

/// <summary><c>/api/audit</c>: is what was acknowledged stored, once and in order.</summary>
internal static class AuditApi
{
    public static void AddAudit(this IServiceCollection services)
    {
        services.AddValidatedOptions<AuditOptions>(AuditOptions.Section);
        services.AddSingleton<AuditSums>();
        services.AddSingleton<AuditMetrics>();
        services.AddSingleton<AuditReader>();
        services.AddSingleton<TrafficAuditor>();
        services.AddSingleton<Canary>();
        services.AddHostedService(provider => provider.GetRequiredService<TrafficAuditor>());
        services.AddHostedService(provider => provider.GetRequiredService<Canary>());
    }

    public static void MapAudit(this IEndpointRouteBuilder routes) => routes.MapGet("/api/audit", Get)
        .WithTags("Views")
        .RequireAuthorization(Roles.Read)
        .WithName("GetAudit")
        .WithSummary("Whether what was acknowledged is stored, once and in order, on real traffic")
        .WithDescription(
            "Every `Audit:Interval` the newest `Audit:Records` records of each partition that the group went past are read from the brokers and looked up in the store. "
            + "`missing` and `outOfOrder` must be 0. Sums are of the last hour, of this gateway.")
        .WithResponseExample(StatusCodes.Status200OK, Example);

    private static Ok<AuditView> Get(AuditReader audit) => TypedResults.Ok(audit.Read());

    private const string Example = """
        {"problem":null,"last":{"at":"2026-11-22T07:00:00+00:00","durationMs":84,"passed":4120,"looked":2400,"unread":[]},"alarms":[],
        "total":{"acknowledged":96000,"stored":95988,"duplicate":12,"deadLetters":0,"skipped":0,"expired":0,"missing":0,"outOfOrder":0},
        "sources":[{"source":"checkout-7","counts":{"acknowledged":48000,"stored":47988,"duplicate":12,"deadLetters":0,"skipped":0,"expired":0,"missing":0,"outOfOrder":0}}],"missing":[],"canary":{"on":true,"lastMs":41,"medianMs":44,"p99Ms":210,"trips":[{"at":"2026-11-22T07:00:00+00:00","ms":41,"problem":null}]}}
        """;
}
