using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using LogPartitioning.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>
/// The JSON of a request. What is wrong with it is told by field, which the framework's own binding does not do; a field that is
/// not known is refused, since ignoring it would do something else than was asked for.
/// </summary>
public static class JsonBody
{
    private const string WholeBody = "body";

    /// <summary>Says in the OpenAPI document that the route takes this body.</summary>
    public static RouteHandlerBuilder WithJsonBody<T>(
        this RouteHandlerBuilder builder, [StringSyntax(StringSyntaxAttribute.Json)] string example) => builder
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .AddOpenApiOperationTransformer(async (operation, context, cancellationToken) => operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [BodyMediaType.Json] = new()
                {
                    Schema = await context.GetOrCreateSchemaAsync(typeof(T), null, cancellationToken),
                    Example = JsonNode.Parse(example),
                },
            },
        });

    /// <summary>The body, or null and the answer that refuses it.</summary>
    public static async Task<(T? Body, ProblemHttpResult Refusal)> ReadAsync<T>(HttpContext context)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(context);
        if (BodyMediaType.Of(context.Request, BodyMediaType.Json, out var problem) is not { } type)
        {
            return (null, TypedResults.Problem(problem, statusCode: StatusCodes.Status415UnsupportedMediaType));
        }

        if (!BodyMediaType.IsJson(type))
        {
            return (null, TypedResults.Problem(BodyMediaType.Refusal(type, BodyMediaType.Json), statusCode: StatusCodes.Status415UnsupportedMediaType));
        }

        var options = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var limits = context.RequestServices.GetRequiredService<IOptions<BodyLimits>>().Value;
        if (context.Request.ContentLength > limits.MaxBytes)
        {
            return (null, TypedResults.Problem(BodyLimits.Rule(limits.MaxBytes), statusCode: StatusCodes.Status413PayloadTooLarge));
        }

        try
        {
            using var json = await JsonDocument.ParseAsync(new BoundedBodyStream(context.Request.Body, limits.MaxBytes), cancellationToken: context.RequestAborted);
            return Read<T>(json.RootElement, options);
        }
        catch (JsonException malformed)
        {
            return (null, Refusals.ByField(WholeBody, $"must be well-formed JSON (line {malformed.LineNumber + 1}, byte {malformed.BytePositionInLine + 1})"));
        }
        catch (BadHttpRequestException bad)
        {
            return (null, TypedResults.Problem(bad.Message, statusCode: bad.StatusCode));
        }
    }

    private static (T? Body, ProblemHttpResult Refusal) Read<T>(JsonElement json, JsonSerializerOptions options)
        where T : class
    {
        // Said of the whole here: parts of a body may be read as what they are later, and parsing does not look into texts.
        if (!Utf8.IsValid(JsonMarshal.GetRawUtf8Value(json)))
        {
            return (null, NoText());
        }

        try
        {
            var problems = new Dictionary<string, string[]>();
            AddUnknown(json, options.GetTypeInfo(typeof(T)), "", problems);
            if (problems.Count > 0)
            {
                return (null, Refusals.ByField(problems));
            }

            return json.Deserialize<T>(options) is { } body ? (body, null!) : (null, Refusals.ByField(WholeBody, "must be a JSON object"));
        }
        catch (JsonException error)
        {
            return (null, error.Path is null or "$"
                ? Refusals.ByField(WholeBody, "must be a JSON object")
                : Refusals.ByField(error.Path.TrimStart('$', '.'), "has a value of the wrong type"));
        }
        catch (InvalidOperationException)
        {
            // A text that has half of a surrogate pair.
            return (null, NoText());
        }
    }

    private static ProblemHttpResult NoText() => Refusals.ByField(WholeBody, "must be UTF-8, without halves of surrogate pairs");

    /// <summary>Adds the fields that a type does not have, and those that stand twice, at any depth.</summary>
    private static void AddUnknown(JsonElement json, JsonTypeInfo type, string path, Dictionary<string, string[]> problems)
    {
        if (type.Kind == JsonTypeInfoKind.Object && json.ValueKind == JsonValueKind.Object)
        {
            var seen = new HashSet<string>();
            foreach (var field in json.EnumerateObject())
            {
                if (problems.Count >= Refusals.MaxProblems)
                {
                    return;
                }

                if (type.Properties.FirstOrDefault(known => string.Equals(known.Name, field.Name, StringComparison.OrdinalIgnoreCase)) is not { } known)
                {
                    problems[path + NearestName.Cut(field.Name)] = [NearestName.Rule(field.Name, "a field here", [.. type.Properties.Select(property => property.Name)])];
                }
                else if (!seen.Add(known.Name))
                {
                    problems[path + known.Name] = ["must appear once"];
                }
                else
                {
                    AddUnknown(field.Value, type.Options.GetTypeInfo(known.PropertyType), $"{path}{known.Name}.", problems);
                }
            }
        }
        else if (type.Kind == JsonTypeInfoKind.Enumerable && json.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in json.EnumerateArray())
            {
                AddUnknown(item, type.Options.GetTypeInfo(type.ElementType!), $"{path.TrimEnd('.')}[{index++}].", problems);
            }
        }
    }
}
