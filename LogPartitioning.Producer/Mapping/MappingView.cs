using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Mapping;

/// <summary>Puts the answers about mapping together.</summary>
internal sealed class MappingView(SourceSplits splits, LoadWindow load, IOptions<PartitioningOptions> options)
{
    private const int MaxListedSources = 100;

    /// <summary>The mapping of <paramref name="sources"/>, seen or not; of the heaviest and the split ones when none is named.</summary>
    public PartitionMapping Read(IReadOnlyCollection<string> sources)
    {
        var window = load.Read();
        var hot = HotSpots.Find(window, HotRule.Of(options.Value));
        var recent = PerSource(window.Keys);
        var sinceStart = PerSource(window.KeysSinceStart);
        var listed = sources.Count > 0
            ? sources.Distinct(StringComparer.Ordinal)
            : Heaviest(recent, sinceStart).Union(splits.SplitSources.Order(StringComparer.Ordinal), StringComparer.Ordinal);

        return new PartitionMapping(
            splits.Partitions,
            load.Length.TotalSeconds,
            window.Total,
            HotRule.ImbalanceOf(window.Partitions),
            window.TotalSinceStart / options.Value.TrackedKeys,
            [.. listed.Select(source => Map(source, window, recent, sinceStart, hot))],
            [.. window.Partitions.Select((events, partition) =>
                new PartitionLoad(partition, events, Share(events, window.Total), hot.Partitions.Contains(partition)))]);
    }

    private static IEnumerable<string> Heaviest(Dictionary<string, long> recent, Dictionary<string, long> sinceStart) =>
        recent.Concat(sinceStart.Where(source => !recent.ContainsKey(source.Key)).Select(source => KeyValuePair.Create(source.Key, 0L)))
            .OrderByDescending(source => source.Value)
            .ThenByDescending(source => sinceStart.GetValueOrDefault(source.Key))
            .Take(MaxListedSources)
            .Select(source => source.Key);

    private static Dictionary<string, long> PerSource(IReadOnlyList<KeyLoad> keys)
    {
        var sources = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            sources[key.Key.Source] = sources.GetValueOrDefault(key.Key.Source) + key.Events;
        }

        return sources;
    }

    private static double Share(long events, long total) => total == 0 ? 0 : Math.Min(1, (double)events / total);

    private SourceMapping Map(
        string source, LoadSnapshot window, Dictionary<string, long> recent, Dictionary<string, long> sinceStart, HotSpots hot)
    {
        var isHot = hot.Sources.Contains(source);
        return new SourceMapping(
            source,
            [.. splits.KeysOf(source).Select(key => new KeyMapping(key.Key, key.Partition))],
            sinceStart.GetValueOrDefault(source),
            Share(recent.GetValueOrDefault(source), window.Total),
            isHot,
            splits.IsStored(source) ? "api" : splits.IsConfigured(source) ? "configuration" : null,
            isHot ? SplitAdvice.FewestKeys(source, window, options.Value.HotMultiple) : null);
    }
}
