using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Net.Http.Headers;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>In which of OTLP's two forms a request is; its answer has the same.</summary>
internal static class OtlpMedia
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = BodyMediaType.Json;

    /// <summary>Whether the request is JSON.</summary>
    /// <exception cref="RequestRefusedException">415: it is neither.</exception>
    public static bool IsJson(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            throw RequestRefusedException.UnsupportedMediaType($"There is no Content-Type; it must be {Protobuf} or {Json}.");
        }

        return type.MediaType.Value?.ToLowerInvariant() switch
        {
            Protobuf or "application/protobuf" => false,
            Json => true,
            _ => throw RequestRefusedException.UnsupportedMediaType(BodyMediaType.Refusal(type.MediaType.Value!, $"{Protobuf} or {Json}")),
        };
    }
}
