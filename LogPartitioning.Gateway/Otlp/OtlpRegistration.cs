using Grpc.AspNetCore.Server.Model;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Gateway.Otlp;

/// <summary>Adds OTLP over gRPC, its ports, and stored events as OTLP.</summary>
internal static class OtlpRegistration
{
    /// <summary>The largest message of gRPC, packed or not, which is what its servers take as they come: it is held as a whole.</summary>
    public const int MaxMessageBytes = 4 * 1024 * 1024;

    public static void AddOtlp(this WebApplicationBuilder builder)
    {
        builder.AddOtlpPorts();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<IServiceMethodProvider<OtlpGrpcService>, OtlpGrpcService.Methods>();
        builder.Services.AddOptions<Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure(static grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxMessageBytes;
            grpc.CompressionProviders = [new BoundedCompression(BoundedCompression.Gzip, MaxMessageBytes), new BoundedCompression(BoundedCompression.Deflate, MaxMessageBytes)];
            // What there is not is 404, as everywhere, which clients of gRPC take as "unimplemented"; else it would be a path that takes all.
            grpc.IgnoreUnknownServices = true;
        });
    }

    public static void MapOtlp(this WebApplication app)
    {
        app.MapGrpcService<OtlpGrpcService>().RequireAuthorization(Roles.Write).WithHeldRequests().Add(CallBody.Use);
        app.MapOtlpExport();
    }
}
