using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Examples in the OpenAPI document, written where the route is mapped.</summary>
public static class OpenApiExamples
{
    /// <summary>Shows an example of the answer with this status.</summary>
    /// <param name="builder">The route.</param>
    /// <param name="status">The HTTP status; the route must declare it (typed results or <c>Produces</c>).</param>
    /// <param name="json">The example.</param>
    /// <param name="mediaType">The media type of the answer.</param>
    public static TBuilder WithResponseExample<TBuilder>(
        this TBuilder builder,
        int status,
        [System.Diagnostics.CodeAnalysis.StringSyntax(System.Diagnostics.CodeAnalysis.StringSyntaxAttribute.Json)] string json,
        string mediaType = "application/json")
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            var key = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            operation.Responses ??= [];
            if (!operation.Responses.TryGetValue(key, out var response))
            {
                operation.Responses[key] = response = new OpenApiResponse { Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) };
            }

            if (response is OpenApiResponse writable)
            {
                writable.Content ??= new Dictionary<string, OpenApiMediaType>();
                SetExample(writable.Content, mediaType, JsonNode.Parse(json));
            }

            return Task.CompletedTask;
        });

    /// <summary>Shows an example of the request's body.</summary>
    /// <param name="builder">The route.</param>
    /// <param name="mediaType">The media type of the body.</param>
    /// <param name="example">The example: JSON, or any other text as it stands.</param>
    public static TBuilder WithRequestExample<TBuilder>(this TBuilder builder, string mediaType, string example)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if ((operation.RequestBody ??= new OpenApiRequestBody { Required = true }) is OpenApiRequestBody body)
            {
                body.Content ??= new Dictionary<string, OpenApiMediaType>();
                SetExample(body.Content, mediaType, mediaType.EndsWith("json", StringComparison.Ordinal) && !mediaType.Contains("ndjson", StringComparison.Ordinal)
                    ? JsonNode.Parse(example)
                    : JsonValue.Create(example));
            }

            return Task.CompletedTask;
        });

    private static void SetExample(IDictionary<string, OpenApiMediaType> content, string mediaType, JsonNode? example)
    {
        if (!content.TryGetValue(mediaType, out var media))
        {
            content[mediaType] = media = new OpenApiMediaType();
        }

        media.Example = example;
    }
}
