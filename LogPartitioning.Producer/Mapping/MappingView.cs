using System.Text.Json.Serialization;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Mapping;

/// <summary>Where sources go, and how much of the load is theirs.</summary>
/// <param name="Partitions">How many partitions the topic has.</param>
/// <param name="WindowSeconds">How far back share, hot and load look.</param>
/// <param name="WindowEvents">Events in that window, by this producer.</param>
/// <param name="Imbalance">The window's busiest partition over the mean of all; 1 is even, 0 when there were no events.</param>
/// <param name="ErrorBound">A source's events are too many by at most this.</param>
/// <param name="Sources">The sources asked for; else the heaviest and the split ones, the heaviest first.</param>
/// <param name="Load">Events of each partition in the window.</param>
public sealed record PartitionMappingAnswer(
    int Partitions,
    double WindowSeconds,
    long WindowEvents,
    double Imbalance,
    long ErrorBound,
    IReadOnlyList<SourceMapping> Sources,
    IReadOnlyList<PartitionLoad> Load);

/// <summary>Where one source goes.</summary>
/// <param name="Source">The source.</param>
/// <param name="Keys">Its record keys: itself, or the keys of its split.</param>
/// <param name="Events">Events taken in since this producer started (clients' repetitions included), at most
/// <see cref="PartitionMappingAnswer.ErrorBound"/> too many; 0 for a source that is not among the heaviest.</param>
/// <param name="Share">Its part of the window's events, 0 to 1.</param>
/// <param name="Hot">Whether it makes a partition hot.</param>
/// <param name="Split">Who split it: <c>configuration</c> or <c>api</c>; absent when nobody did.</param>
/// <param name="SuggestedKeys">For a hot source: with how many keys its partitions would no longer be hot.</param>
public sealed record SourceMapping(
    string Source,
    IReadOnlyList<KeyMapping> Keys,
    long Events,
    double Share,
    bool Hot,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Split,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SuggestedKeys);

/// <summary>A record key and its partition.</summary>
/// <param name="Key">The key.</param>
/// <param name="Partition">The partition, 0-based.</param>
public sealed record KeyMapping(string Key, int Partition);

/// <summary>What a partition got in the window.</summary>
/// <param name="Partition">The partition, 0-based.</param>
/// <param name="Events">Its events.</param>
/// <param name="Share">Its part of all, 0 to 1.</param>
/// <param name="Hot">Whether that is more than <see cref="PartitioningOptions.HotMultiple"/> fair shares.</param>
public sealed record PartitionLoad(int Partition, long Events, double Share, bool Hot);

/// <summary>Puts the answers about mapping together.</summary>
internal sealed class MappingView(SourceSplits splits, LoadWindow load, IOptions<PartitioningOptions> options)
{
    private const int MaxListedSources = 100;

    /// <summary>The mapping of <paramref name="sources"/>, seen or not; of the heaviest and the split ones when none is named.</summary>
    public PartitionMappingAnswer Read(IReadOnlyCollection<string> sources)
    {
        var window = load.Read();
        var hot = HotSpots.Find(window, options.Value.HotMultiple, options.Value.HotMinimumEvents);
        var recent = PerSource(window.Keys);
        var sinceStart = PerSource(window.KeysSinceStart);
        var listed = sources.Count > 0
            ? sources.Distinct(StringComparer.Ordinal)
            : Heaviest(recent, sinceStart).Union(splits.SplitSources.Order(StringComparer.Ordinal), StringComparer.Ordinal);

        return new PartitionMappingAnswer(
            splits.Partitions,
            load.Length.TotalSeconds,
            window.Total,
            window.Total == 0 ? 0 : (double)window.Partitions.Max() * window.Partitions.Count / window.Total,
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
