using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Services;

/// <summary>The ports of the gateway on which programs look for a collector of OpenTelemetry.</summary>
internal static class OtlpEndpoints
{
    /// <summary>OTLP over HTTP.</summary>
    public const string Http = "otlp-http";

    /// <summary>OTLP over gRPC.</summary>
    public const string Grpc = "otlp-grpc";

    /// <summary>Has the gateway listen on them, beside its own address.</summary>
    public static IResourceBuilder<ProjectResource> WithOtlpEndpoints(this IResourceBuilder<ProjectResource> gateway, AppHostSettings settings) => gateway
        .WithOtlpEndpoint(Http, settings.FreePorts.Next(settings.Ports.OtlpHttp), "Gateway__OtlpHttp")
        .WithOtlpEndpoint(Grpc, settings.FreePorts.Next(settings.Ports.OtlpGrpc), "Gateway__OtlpGrpc")
        // The gateway listens there by settings of its own.
        .WithEndpointsInEnvironment(endpoint => !IsOne(endpoint));

    /// <summary>Whether an endpoint is one of them.</summary>
    public static bool IsOne(EndpointAnnotation endpoint) => endpoint.Name is Http or Grpc;

    private static IResourceBuilder<ProjectResource> WithOtlpEndpoint(
        this IResourceBuilder<ProjectResource> gateway, string name, int port, string setting)
    {
        gateway.WithHttpEndpoint(port: port, name: name, isProxied: false);
        return gateway.WithEnvironment(context => context.EnvironmentVariables[setting] =
            ReferenceExpression.Create($"{gateway.GetEndpoint(name).Property(EndpointProperty.Host)}:{gateway.GetEndpoint(name).Property(EndpointProperty.TargetPort)}"));
    }
}
