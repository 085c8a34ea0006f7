using System.Text.Json.Serialization;

namespace LogPartitioning.Core.Partitioning;

/// <summary>Where sources go, and how much of the load is theirs: the producer's answer, which the gateway completes.</summary>
/// <param name="Partitions">How many partitions the topic has.</param>
/// <param name="WindowSeconds">How far back share, hot and load look.</param>
/// <param name="WindowEvents">Events in that window, by this producer.</param>
/// <param name="Imbalance">The window's busiest partition over the mean of all; 1 is even, 0 when there were no events.</param>
/// <param name="ErrorBound">A source's events are too many by at most this.</param>
/// <param name="Sources">The sources asked for; else the heaviest and the split ones, the heaviest first.</param>
/// <param name="Load">Events of each partition in the window.</param>
public record PartitionMapping(
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
/// <see cref="PartitionMapping.ErrorBound"/> too many; 0 for a source that is not among the heaviest.</param>
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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Split = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SuggestedKeys = null);

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
