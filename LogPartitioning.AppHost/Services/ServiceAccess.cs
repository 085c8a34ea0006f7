using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>How services are reached: by one another with a key, and the gateway from outside.</summary>
internal static class ServiceAccess
{
    /// <summary>Adds the key that services show one another.</summary>
    public static IResourceBuilder<ParameterResource> AddServiceKey(this IDistributedApplicationBuilder builder, AppHostSettings settings) =>
        builder.AddParameter("service-key", settings.ServiceKey(), secret: true);

    /// <summary>Gives the service the key that it lets in and shows to others.</summary>
    public static IResourceBuilder<ProjectResource> WithServiceKey(this IResourceBuilder<ProjectResource> service, IResourceBuilder<ParameterResource> key) =>
        service.WithEnvironment("ApiKeys__ServiceKey", key);

    /// <summary>Lets the gateway listen where Kestrel's own settings say, beside its address on loopback and those of OTLP.</summary>
    public static IResourceBuilder<ProjectResource> WithKestrelSettings(this IResourceBuilder<ProjectResource> gateway, AppHostSettings settings)
    {
        if (!gateway.ApplicationBuilder.ExecutionContext.IsRunMode)
        {
            return gateway;
        }

        return gateway.WithEnvironment(context =>
        {
            foreach (var (name, value) in settings.KestrelSettings)
            {
                context.EnvironmentVariables[name] = value;
            }

            // With endpoints of its own Kestrel listens on no others, and warns of each that it leaves out.
            context.EnvironmentVariables.Remove("ASPNETCORE_URLS");
            foreach (var endpoint in gateway.Resource.Annotations.OfType<EndpointAnnotation>().Where(endpoint => !OtlpEndpoints.IsOne(endpoint)))
            {
                context.EnvironmentVariables[$"Kestrel__Endpoints__AppHost-{endpoint.Name}__Url"] = ReferenceExpression.Create(
                    $"http://{endpoint.TargetHost}:{gateway.GetEndpoint(endpoint.Name).Property(EndpointProperty.TargetPort)}");
            }
        });
    }
}
