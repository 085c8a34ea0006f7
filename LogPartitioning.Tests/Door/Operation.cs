using System.Net;
using System.Text.Json.Nodes;

namespace LogPartitioning.Tests.Door;

/// <summary>The operations of a service as its OpenAPI document tells them.</summary>
internal sealed record Operation(HttpMethod Method, string Path, IReadOnlyList<string> Query, JsonObject? Body)
{
    private static readonly Dictionary<string, string> s_pathParameters = new()
    {
        ["{source}"] = "checkout-7",
        ["{id}"] = "0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10",
    };

    public static async Task<IReadOnlyList<Operation>> OfAsync(HttpClient service)
    {
        var document = JsonNode.Parse(await service.GetStringAsync("/openapi/v1.json"))!;
        return
        [
            .. from path in document["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               select new Operation(
                   HttpMethod.Parse(operation.Key),
                   s_pathParameters.Aggregate(path.Key, (text, parameter) => text.Replace(parameter.Key, parameter.Value, StringComparison.Ordinal)),
                   [
                       .. from parameter in operation.Value!["parameters"]?.AsArray() ?? []
                          where parameter!["in"]!.GetValue<string>() == "query"
                          select parameter!["name"]!.GetValue<string>(),
                   ],
                   operation.Value["requestBody"]?["content"]?["application/json"]?["example"] as JsonObject),
        ];
    }

    public async Task<(HttpStatusCode Status, JsonObject Problem)> SendAsync(HttpClient service, string query, JsonObject? body)
    {
        using var request = new HttpRequestMessage(Method, Path + query)
        {
            Content = body is null ? null : new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json"),
        };
        using var response = await service.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length > 0 ? JsonNode.Parse(text)!.AsObject() : []);
    }

    public override string ToString() => $"{Method} {Path}";
}
