using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Requests;

/// <summary>Reads a request's JSON so that what is wrong with it can be told by field, which the framework's own binding does not do.</summary>
internal static class JsonBody
{
    /// <summary>The body, or null and what is wrong with it, by field.</summary>
    public static async Task<(T? Body, Dictionary<string, string[]> Problems)> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        try
        {
            var body = await JsonSerializer.DeserializeAsync<T>(context.Request.Body, options, context.RequestAborted);
            return body is null ? (null, Problem("body", "must be a JSON object")) : (body, []);
        }
        catch (JsonException error)
        {
            // The reader's own errors carry a place in the text; a value of the wrong type has no inner exception of its kind.
            var malformed = error.InnerException is JsonException || error.Path is null;
            return malformed
                ? (null, Problem("body", $"must be well-formed JSON (line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1})"))
                : (null, Problem(error.Path is "$" ? "body" : error.Path!.TrimStart('$', '.'), "has a value of the wrong type"));
        }
    }

    private static Dictionary<string, string[]> Problem(string field, string rule) => new() { [field] = [rule] };
}
