using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;

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
            .RequireAuthorization(Roles.Read)
            .WithName("GetPartitionMapping")
            .WithSummary("Source -> keys -> partitions, events seen, and what is hot")
            .WithDescription("With `?source=` of that source, also one that was never seen. `hotPartitions` are those that take more than the set multiple of their fair share while their lag is not falling; a source is hot when it makes such a partition so.")
            .WithRepeatedQuery("source")
            .Produces<GroupPartitionMapping>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithResponseExample(StatusCodes.Status200OK, Example);
        mapping.MapPut("", ForwardAsync).WithQuery("source").WithName("SplitNamedSource").DescribeSplit();
        mapping.MapDelete("", ForwardAsync).WithQuery("source").WithName("UnsplitNamedSource").DescribeUnsplit();

        // The same with the rest of the path, for a source that a path can carry.
        mapping.MapPut("{**source}", ForwardAsync).WithName("SplitSource").DescribeSplit();
        mapping.MapDelete("{**source}", ForwardAsync).WithName("UnsplitSource").DescribeUnsplit();
    }

    private static void DescribeSplit(this RouteHandlerBuilder route) => route
        .RequireAuthorization(Roles.Operate)
        .WithSummary("Splits a hot source into several keys")
        .WithJsonBody<SplitBody>("""{"keys":4}""")
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static void DescribeUnsplit(this RouteHandlerBuilder route) => route
        .RequireAuthorization(Roles.Operate)
        .WithSummary("Gives a source back its single key")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetAsync(
        HttpContext context,
        [Description("Sources to tell about, seen or not; without it the heaviest and the split ones")] string[]? source,
        ProducerClient producer,
        HotPartitions hot,
        CancellationToken cancellationToken)
    {
        using var response = await producer.GetAsync(ProducerPath + context.Request.QueryString, cancellationToken);
        if (response is null)
        {
            return ProducerClient.Unreachable(context);
        }

        if (await ReadAsync(response, cancellationToken) is not { } mapping)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return Results.Text(body, response.Content.Headers.ContentType?.ToString(), statusCode: (int)response.StatusCode);
        }

        var hotPartitions = hot.Find();
        // Who makes a partition hot need not be the source that was asked for.
        var all = hotPartitions.Count > 0 && source is { Length: > 0 } ? await AllSourcesAsync(producer, cancellationToken) : null;
        return Results.Json(Complete(mapping, hotPartitions, hot.IsFalling, all ?? mapping.Sources));
    }

    private static async Task<IReadOnlyList<SourceMapping>?> AllSourcesAsync(ProducerClient producer, CancellationToken cancellationToken)
    {
        using var response = await producer.GetAsync(ProducerPath, cancellationToken);
        return response is null ? null : (await ReadAsync(response, cancellationToken))?.Sources;
    }

    /// <summary>The producer's answer; null when it is another one.</summary>
    private static async Task<PartitionMapping?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        await response.Content.LoadIntoBufferAsync(cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync<PartitionMapping>(cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Adds the hot partitions with the sources that make them so, and calls a source or a partition hot no longer while its
    /// backlog is being worked off.
    /// </summary>
    internal static GroupPartitionMapping Complete(
        PartitionMapping mapping, IReadOnlyList<HotPartition> hotPartitions, Func<int, bool> isFalling, IReadOnlyList<SourceMapping> allSources) => new(mapping)
        {
            Sources = [.. mapping.Sources.Select(s => s with { Hot = s.Hot && (s.Keys.Count == 0 || !s.Keys.All(key => isFalling(key.Partition))) })],
            Load = [.. mapping.Load.Select(load => load with { Hot = load.Hot && !isFalling(load.Partition) })],
            HotPartitions =
            [
                .. hotPartitions.Select(hot => new HotPartitionMapping(
                    hot.Partition,
                    hot.Share,
                    hot.FairShare,
                    hot.Lag,
                    hot.Reason,
                    [.. allSources.Where(s => s.Hot && s.Keys.Any(key => key.Partition == hot.Partition)).Select(s => s.Source)])),
            ],
        };

    /// <summary>Names the source in the query, which can carry every one, whichever way it came.</summary>
    private static async Task<IResult> ForwardAsync(
        HttpContext context, [Description("The source, which may be any that an event may have")] string? source, ProducerClient producer)
    {
        if (!RouteText.TryRead(context, Path, source ?? "", out source))
        {
            return Refusals.ByField("source", $"with the segment . or .. cannot be told in a path; send it as the parameter source: {context.Request.Method} {Path}?source=…");
        }

        if (context.Request.QueryString.HasValue)
        {
            AuditLog.Targets(context, Uri.EscapeDataString(source));
        }

        return await producer.ForwardAsync(context, $"{ProducerPath}?source={Uri.EscapeDataString(source)}");
    }

    private const string Example = """
        {"partitions":12,"sources":[{"source":"checkout-7","keys":[{"key":"checkout-7","partition":10}],"events":5120,"share":0.51,"hot":true}],
        "hotPartitions":[{"partition":10,"share":0.53,"fairShare":0.0833,"lag":0,"reason":"53 % of what arrived in 60 s, 6.4 times its fair share; its consumer keeps up","sources":["checkout-7"]}]}
        """;
}

/// <summary>The producer's answer with what only the gateway knows.</summary>
internal sealed record GroupPartitionMapping : PartitionMapping
{
    public GroupPartitionMapping(PartitionMapping mapping)
        : base(mapping)
    {
    }

    /// <summary>The partitions that take too much, with the sources that make it so.</summary>
    [JsonPropertyOrder(1)]
    public required IReadOnlyList<HotPartitionMapping> HotPartitions { get; init; }
}

/// <summary>A partition that takes too much: see <see cref="HotPartition"/>.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Share">Its part of what arrived in the window, 0 to 1.</param>
/// <param name="FairShare">What every partition would get if load were even, 0 to 1.</param>
/// <param name="Lag">Its lag.</param>
/// <param name="Reason">Why it is called hot, in words.</param>
/// <param name="Sources">The sources that make it so.</param>
internal sealed record HotPartitionMapping(int Partition, double Share, double FairShare, long Lag, string Reason, IReadOnlyList<string> Sources);
