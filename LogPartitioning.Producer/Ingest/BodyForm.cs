using Microsoft.Net.Http.Headers;

namespace LogPartitioning.Producer.Ingest;

/// <summary>How a body holds its events.</summary>
internal enum BodyForm
{
    /// <summary>One event, or a JSON array of events.</summary>
    Json,

    /// <summary>One event a line.</summary>
    NewlineDelimited,
}

/// <summary>Tells the form of a body by its headers.</summary>
internal static class BodyForms
{
    public const string Json = "application/json";
    public const string NewlineDelimitedJson = "application/x-ndjson";

    private const string Accepted = $"The body must be {Json} or {NewlineDelimitedJson}";

    /// <exception cref="RequestRefusedException">415: another media type, character set or encoding.</exception>
    public static BodyForm Of(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding
            && !string.Equals(encoding.ToString(), "identity", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestRefusedException.UnsupportedMediaType("The body must have no Content-Encoding.");
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
        {
            throw RequestRefusedException.UnsupportedMediaType($"{Accepted}; the request names no media type.");
        }

        if (type.Charset.HasValue && !string.Equals(type.Charset.Value.Trim('"'), "utf-8", StringComparison.OrdinalIgnoreCase))
        {
            throw RequestRefusedException.UnsupportedMediaType($"{Accepted}, in UTF-8.");
        }

        return type.MediaType.Value?.ToLowerInvariant() switch
        {
            Json => BodyForm.Json,
            NewlineDelimitedJson or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => BodyForm.NewlineDelimited,
            _ => throw RequestRefusedException.UnsupportedMediaType($"{Accepted}."),
        };
    }
}
