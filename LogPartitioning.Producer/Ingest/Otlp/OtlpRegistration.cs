namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>Adds the way in of OTLP.</summary>
internal static class OtlpRegistration
{
    private const string Route = "/v1/logs";

    public static void AddOtlp(this IServiceCollection services)
    {
        services.AddValidatedOptions<OtlpOptions>(OtlpOptions.Section);
        services.AddSingleton<OtlpProtocol>();
    }

    public static void MapOtlp(this IEndpointRouteBuilder routes) => routes.MapIngest(Route, routes.ServiceProvider.GetRequiredService<OtlpProtocol>())
        .WithName("PostOtlpLogs")
        .WithSummary("Takes an OTLP ExportLogsServiceRequest, in protobuf or JSON.")
        .WithDescription("Answered after the brokers' acknowledgement, as the OTLP specification says: 200, with partial success where single records break a rule; 503 with Retry-After where the request is to come again.");
}
