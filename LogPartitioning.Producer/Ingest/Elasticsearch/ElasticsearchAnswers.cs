using System.Text.Json;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>Answers in Elasticsearch's words.</summary>
internal static class ElasticsearchAnswers
{
    /// <summary>Says to the clients that they may go on: they ask for it before anything else.</summary>
    public const string ProductHeader = "X-Elastic-Product";

    private const string OwnType = "application/vnd.elasticsearch+json";

    /// <summary>The media type of an answer: that which the client asks for, so that it takes the answer for one in its own version's form.</summary>
    public static string TypeFor(HttpRequest request)
    {
        const string Version = "compatible-with=";
        var accept = request.Headers.Accept.ToString();
        var at = accept.Contains(OwnType, StringComparison.OrdinalIgnoreCase) ? accept.IndexOf(Version, StringComparison.OrdinalIgnoreCase) : -1;
        return at >= 0 && at + Version.Length < accept.Length && char.IsAsciiDigit(accept[at + Version.Length])
            ? $"{OwnType};{Version}{accept[at + Version.Length]}"
            : "application/json; charset=UTF-8";
    }

    /// <summary>Begins an answer.</summary>
    public static void Begin(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers[ProductHeader] = "Elasticsearch";
        context.Response.ContentType = TypeFor(context.Request);
    }

    /// <summary>An answer of a few words.</summary>
    public static IResult Short(int status, Action<Utf8JsonWriter> write) => new ShortAnswer(status, write);

    /// <summary>Why a request is not taken.</summary>
    public static IResult Error(int status, string type, string reason) => Short(status, json =>
    {
        json.WriteStartObject("error"u8);
        json.WriteStartArray("root_cause"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("type"u8, type);
        json.WriteString("reason"u8, reason);
        json.WriteEndObject();
        json.WriteNumber("status"u8, status);
    });

    private sealed class ShortAnswer(int status, Action<Utf8JsonWriter> write) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            Begin(httpContext, status);
            if (HttpMethods.IsHead(httpContext.Request.Method))
            {
                return;
            }

            await using var json = new Utf8JsonWriter(httpContext.Response.BodyWriter);
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
            await json.FlushAsync(httpContext.RequestAborted);
        }
    }
}
