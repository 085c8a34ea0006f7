using System.Text.Json;
using System.Text.Json.Serialization;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Ingress;

namespace LogPartitioning.Gateway.Partitioning;

/// <summary>Asks the producer where sources go, and adds what only the gateway knows: lag, and what arrived over all producers.</summary>
internal sealed class GroupMappingReader(ProducerClient producer, HotPartitions hot)
{
    public const string ProducerPath = "/api/logs/partition-mapping";

    /// <summary>Asks.</summary>
    /// <param name="query">Which sources, as <c>?source=…</c>; empty for the heaviest and the split ones.</param>
    /// <param name="named">Whether it names any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GroupMappingAnswer> ReadAsync(QueryString query, bool named, CancellationToken cancellationToken)
    {
        var response = await producer.GetAsync(ProducerPath + query, cancellationToken);
        if (response is null || await ReadAsync(response, cancellationToken) is not { } mapping)
        {
            return new(null, response);
        }

        response.Dispose();
        var hotPartitions = hot.Find();
        // Who makes a partition hot need not be the source that was asked for.
        var all = hotPartitions.Count > 0 && named ? await AllSourcesAsync(cancellationToken) : null;
        return new(Complete(mapping, hotPartitions, hot.IsFalling, all ?? mapping.Sources), null);
    }

    private async Task<IReadOnlyList<SourceMapping>?> AllSourcesAsync(CancellationToken cancellationToken)
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
}

/// <summary>What the producer says.</summary>
/// <param name="Mapping">Where sources go.</param>
/// <param name="Refusal">Another answer than that; null where there is a mapping, or no answer.</param>
internal sealed record GroupMappingAnswer(GroupPartitionMapping? Mapping, HttpResponseMessage? Refusal) : IDisposable
{
    /// <summary>What a request is answered with where there is no mapping.</summary>
    public async Task<IResult> RefusalAsync(HttpContext context, CancellationToken cancellationToken) => Refusal is null
        ? ProducerClient.Unreachable(context)
        : Results.Text(await Refusal.Content.ReadAsStringAsync(cancellationToken), Refusal.Content.Headers.ContentType?.ToString(), statusCode: (int)Refusal.StatusCode);

    public void Dispose() => Refusal?.Dispose();
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
