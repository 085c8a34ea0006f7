using LogPartitioning.ServiceDefaults.Requests;

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
    public const string Json = BodyMediaType.Json;
    public const string NewlineDelimitedJson = "application/x-ndjson";

    private const string Accepted = $"{Json} or {NewlineDelimitedJson}";

    /// <exception cref="RequestRefusedException">415: another media type, character set or encoding.</exception>
    public static BodyForm Of(HttpRequest request)
    {
        if (BodyMediaType.Of(request, Accepted, out var problem) is not { } type)
        {
            throw RequestRefusedException.UnsupportedMediaType(problem);
        }

        return type switch
        {
            NewlineDelimitedJson or "application/ndjson" or "application/jsonl" or "application/x-jsonl" or "application/jsonlines" or "application/x-jsonlines" => BodyForm.NewlineDelimited,
            _ when BodyMediaType.IsJson(type) => BodyForm.Json,
            _ => throw RequestRefusedException.UnsupportedMediaType(BodyMediaType.Refusal(type, Accepted)),
        };
    }
}
