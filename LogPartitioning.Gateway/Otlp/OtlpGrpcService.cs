using System.Globalization;
using System.Net;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.ServiceDefaults;
using RpcStatus = Google.Rpc.Status;

namespace LogPartitioning.Gateway.Otlp;

/// <summary>
/// OTLP logs over gRPC: <c>opentelemetry.proto.collector.logs.v1.LogsService/Export</c>. The message is what <c>POST /v1/logs</c> takes, so it goes to the
/// producer as it came, and only the answer is put in gRPC's words (https://opentelemetry.io/docs/specs/otlp/#failures).
/// </summary>
internal sealed class OtlpGrpcService(ProducerClient producer)
{
    private const string Path = "/v1/logs";
    private const string Protobuf = "application/x-protobuf";

    private static readonly Marshaller<byte[]> s_bytes = Marshallers.Create(static (byte[] message) => message, static bytes => bytes);
    private static readonly Method<byte[], byte[]> s_export = new(MethodType.Unary, "opentelemetry.proto.collector.logs.v1.LogsService", "Export", s_bytes, s_bytes);

    /// <summary>Hands a request on.</summary>
    /// <exception cref="RpcException">It was not taken; its status says whether it is to come again.</exception>
    public async Task<byte[]> ExportAsync(byte[] request, ServerCallContext context)
    {
        using var response = await producer.PostUntilAnsweredAsync(Path, request, Protobuf, context.CancellationToken) ?? throw Unavailable(RetryAfter.AfterRestart, "The producer does not answer. Records that come again are stored once.");
        var answer = await response.Content.ReadAsByteArrayAsync(context.CancellationToken);
        return response.StatusCode == HttpStatusCode.OK ? answer : throw Failure(response, answer);
    }

    private static RpcException Failure(HttpResponseMessage response, byte[] answer)
    {
        var detail = DetailOf(response, answer);
        return response.StatusCode switch
        {
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout =>
                Unavailable(response.Headers.RetryAfter?.Delta ?? RetryAfter.Soon, detail),
            HttpStatusCode.BadRequest => new RpcException(new(StatusCode.InvalidArgument, detail)),
            HttpStatusCode.Unauthorized => new RpcException(new(StatusCode.Unauthenticated, detail)),
            HttpStatusCode.Forbidden => new RpcException(new(StatusCode.PermissionDenied, detail)),
            // Without the time after which to try again it says that it is for good.
            HttpStatusCode.RequestEntityTooLarge => new RpcException(new(StatusCode.ResourceExhausted, detail)),
            _ => new RpcException(new(StatusCode.Internal, detail)),
        };
    }

    /// <summary>It is to come again.</summary>
    internal static RpcException Unavailable(TimeSpan after, string detail) => new RpcStatus
    {
        Code = (int)Code.Unavailable,
        Message = detail,
        Details = { Any.Pack(new RetryInfo { RetryDelay = after.ToDuration() }) },
    }.ToRpcException();

    private static string DetailOf(HttpResponseMessage response, byte[] answer)
    {
        if (response.Content.Headers.ContentType?.MediaType == Protobuf)
        {
            return RpcStatus.Parser.ParseFrom(answer).Message;
        }

        return string.Create(CultureInfo.InvariantCulture, $"The producer answered {(int)response.StatusCode}.");
    }

    /// <summary>Tells gRPC the one method that there is.</summary>
    internal sealed class Methods : IServiceMethodProvider<OtlpGrpcService>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<OtlpGrpcService> context) =>
            context.AddUnaryMethod(s_export, [], static (service, request, call) => service.ExportAsync(request, call));
    }
}
