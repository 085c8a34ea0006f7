using System.Text.Json;
using System.Text.Json.Nodes;
using LogPartitioning.Gateway.Ingress;
using Microsoft.AspNetCore.Http.Features;

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
            var hotPartitions = hot.Find();
            Enrich(mapping, hotPartitions, hot.IsFalling, await AllSourcesAsync(context, mapping, hotPartitions, producer, cancellationToken));
            return Results.Json(mapping);
        }

        return Results.Text(body, response.Content.Headers.ContentType?.ToString(), statusCode: (int)response.StatusCode);
    }

    /// <summary>Who makes a partition hot need not be the source that was asked for.</summary>
    private static async Task<JsonArray> AllSourcesAsync(
        HttpContext context, JsonObject mapping, IReadOnlyList<HotPartition> hotPartitions, ProducerClient producer, CancellationToken cancellationToken)
    {
        if (hotPartitions.Count > 0 && context.Request.QueryString.HasValue)
        {
            using var response = await producer.GetAsync(ProducerPath, cancellationToken);
            if (response is { IsSuccessStatusCode: true }
                && ParseObject(await response.Content.ReadAsStringAsync(cancellationToken))?["sources"] is JsonArray all)
            {
                return all;
            }
        }

        return mapping["sources"] as JsonArray ?? [];
    }

    /// <summary>
    /// Adds the hot partitions with the sources that make them so, and calls a source or a partition hot no longer while its
    /// backlog is being worked off.
    /// </summary>
    internal static void Enrich(JsonObject mapping, IReadOnlyList<HotPartition> hotPartitions, Func<int, bool> isFalling, JsonArray allSources)
    {
        var hotSources = allSources.OfType<JsonObject>().Where(IsHot).ToList();
        mapping["hotPartitions"] = new JsonArray([.. hotPartitions.Select(partition => new JsonObject
        {
            ["partition"] = partition.Partition,
            ["share"] = partition.Share,
            ["fairShare"] = partition.FairShare,
            ["lag"] = partition.Lag,
            ["reason"] = partition.Reason,
            ["sources"] = new JsonArray([.. hotSources
                .Where(source => PartitionsOf(source).Contains(partition.Partition))
                .Select(source => source["source"]?.DeepClone())]),
        })]);

        foreach (var source in (mapping["sources"] as JsonArray ?? []).OfType<JsonObject>().Where(IsHot))
        {
            var partitions = PartitionsOf(source);
            source["hot"] = partitions.Count == 0 || !partitions.All(isFalling);
        }

        foreach (var load in (mapping["load"] as JsonArray ?? []).OfType<JsonObject>().Where(IsHot))
        {
            load["hot"] = NumberOf(load) is not { } partition || !isFalling(partition);
        }
    }

    private static bool IsHot(JsonObject entry) => entry["hot"] is JsonValue hot && hot.TryGetValue<bool>(out var isHot) && isHot;

    private static HashSet<int> PartitionsOf(JsonObject source) =>
        [.. (source["keys"] as JsonArray ?? []).Select(NumberOf).OfType<int>()];

    private static int? NumberOf(JsonNode? entry) =>
        entry?["partition"] is JsonValue value && value.TryGetValue<int>(out var partition) ? partition : null;

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
        {"partitions":12,"sources":[{"source":"checkout-7","keys":[{"key":"checkout-7","partition":10}],"events":5120,"share":0.51,"hot":true}],
        "hotPartitions":[{"partition":10,"share":0.53,"fairShare":0.0833,"lag":0,"reason":"53 % of what arrived in 60 s, 6.4 times its fair share; its consumer keeps up","sources":["checkout-7"]}]}
        """;
}
