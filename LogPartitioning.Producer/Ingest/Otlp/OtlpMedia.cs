using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>In which of OTLP's two forms a request is; its answer has the same.</summary>
internal static class OtlpMedia
{
    public const string Protobuf = "application/x-protobuf";
    public const string Json = BodyMediaType.Json;

    /// <summary>Whether the request is JSON.</summary>
    /// <exception cref="RequestRefusedException">415: it is neither.</exception>
    public static bool IsJson(HttpRequest request) => SentMediaType.Of(request) switch
    {
        Protobuf or "application/protobuf" => false,
        Json => true,
        "" => throw RequestRefusedException.UnsupportedMediaType($"There is no Content-Type; it must be {Protobuf} or {Json}."),
        var type => throw SentMediaType.Refused(type, $"{Protobuf} or {Json}"),
    };
}
