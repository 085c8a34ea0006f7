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

    public static void MapOtlp(this IEndpointRouteBuilder routes) =>
        routes.MapIngest(Route, routes.ServiceProvider.GetRequiredService<OtlpProtocol>()).ExcludeFromDescription();
}
