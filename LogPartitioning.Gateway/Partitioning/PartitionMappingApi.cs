using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using LogPartitioning.Gateway.Ingress;

namespace LogPartitioning.Gateway.Partitioning;

/// <summary><c>/api/partition-mapping</c>: where sources go, which are hot, and how to split them.</summary>
internal static class PartitionMappingApi
{
    private const string Path = "/api/partition-mapping";
    private const string ProducerPath = "/api/logs/partition-mapping";

    public static void MapPartitionMappingApi(this IEndpointRouteBuilder routes)
    {
        var mapping = routes.MapGroup(Path).WithTags("Partitioning");
        mapping.MapGet("", GetAsync)
            .WithName("GetPartitionMapping")
            .WithSummary("Source -> keys -> partitions, events seen, and what is hot")
            .WithDescription("With `?source=` of that source, also one that was never seen. `hotPartitions` are those that take more than the set multiple of their fair share while their lag is not falling; a source is hot when it makes such a partition so.")
            .Produces<JsonObject>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithResponseExample(StatusCodes.Status200OK, Example);
        mapping.MapPut("{source}", ForwardAsync)
            .WithName("SplitSource")
            .WithSummary("Splits a hot source into several keys")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithRequestExample("application/json", """{"keys":4}""");
        mapping.MapDelete("{source}", ForwardAsync)
            .WithName("UnsplitSource")
            .WithSummary("Gives a source back its single key")
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> GetAsync(
        HttpContext context, ProducerClient producer, HotPartitions hot, CancellationToken cancellationToken)
    {
        using var response = await producer.GetAsync(ProducerPath + context.Request.QueryString, cancellationToken);
        if (response is null)
        {
            return ProducerClient.Away(context);
        }

        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.IsSuccessStatusCode && ParseObject(body) is { } mapping)
        {
            Enrich(mapping, hot.Find(), hot.IsFalling);
            return Results.Json(mapping);
        }

        return Results.Text(body, response.Content.Headers.ContentType?.ToString(), statusCode: (int)response.StatusCode);
    }

    /// <summary>Adds the hot partitions with their sources, and calls a source hot only while a partition of it is not catching up.</summary>
    internal static void Enrich(JsonObject mapping, IReadOnlyList<HotPartition> hotPartitions, Func<int, bool> isFalling)
    {
        var sourcesOf = hotPartitions.ToDictionary(partition => partition.Partition, _ => new JsonArray());
        foreach (var source in (mapping["sources"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (source["hot"] is not JsonValue hot || !hot.TryGetValue<bool>(out var isHot) || !isHot)
            {
                continue;
            }

            var partitions = (source["keys"] as JsonArray ?? [])
                .Select(key => key?["partition"] is JsonValue value && value.TryGetValue<int>(out var partition) ? partition : -1)
                .Where(partition => partition >= 0)
                .Distinct()
                .ToList();
            source["hot"] = partitions.Count == 0 || !partitions.All(isFalling);
            foreach (var partition in partitions.Where(sourcesOf.ContainsKey))
            {
                sourcesOf[partition].Add(source["source"]?.DeepClone());
            }
        }

        mapping["hotPartitions"] = new JsonArray([.. hotPartitions.Select(partition => new JsonObject
        {
            ["partition"] = partition.Partition,
            ["share"] = partition.Share,
            ["fairShare"] = partition.FairShare,
            ["lag"] = partition.Lag,
            ["reason"] = partition.Reason,
            ["sources"] = sourcesOf[partition.Partition],
        })]);
    }

    private static Task<IResult> ForwardAsync(HttpContext context, string source, ProducerClient producer)
    {
        // As the client wrote it: a source may contain a slash, and decoding and encoding again would lose the difference.
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var pathAndQuery = target.StartsWith(Path + "/", StringComparison.OrdinalIgnoreCase)
            ? ProducerPath + target[Path.Length..]
            : $"{ProducerPath}/{Uri.EscapeDataString(source)}{context.Request.QueryString}";
        return producer.ForwardAsync(context, pathAndQuery);
    }

    private static JsonObject? ParseObject(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private const string Example = """
        {"partitions":12,"sources":[{"source":"checkout-7","keys":[{"key":"checkout-7","partition":4}],"events":5120,"share":0.51,"hot":true}],
        "hotPartitions":[{"partition":4,"share":0.53,"fairShare":0.0833,"lag":0,"reason":"53 % of what arrived in 60 s, 6.4 times its fair share; its consumer keeps up","sources":["checkout-7"]}]}
        """;
}
