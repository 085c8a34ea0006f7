using Grpc.AspNetCore.Server.Model;
using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Gateway.Otlp;

/// <summary>Adds OTLP over gRPC, its ports, and stored events as OTLP.</summary>
internal static class OtlpRegistration
{
    public static void AddOtlp(this WebApplicationBuilder builder)
    {
        builder.AddOtlpPorts();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<IServiceMethodProvider<OtlpGrpcService>, OtlpGrpcService.Methods>();
        builder.Services.AddOptions<Grpc.AspNetCore.Server.GrpcServiceOptions>().Configure<GatewayOptions>(static (grpc, gateway) =>
        {
            grpc.MaxReceiveMessageSize = (int)Math.Min(int.MaxValue, gateway.MaxBodyBytes);
            grpc.CompressionProviders = [new BoundedCompression(BoundedCompression.Gzip, gateway.MaxBodyBytes), new BoundedCompression(BoundedCompression.Deflate, gateway.MaxBodyBytes)];
            // What there is not is 404, as everywhere, which clients of gRPC take as "unimplemented"; else it would be a path that takes all.
            grpc.IgnoreUnknownServices = true;
        });
    }

    public static void MapOtlp(this WebApplication app)
    {
        app.MapGrpcService<OtlpGrpcService>().RequireAuthorization(Roles.Write);
        app.MapOtlpExport();
    }
}
