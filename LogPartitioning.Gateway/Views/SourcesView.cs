using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Partitioning;

namespace LogPartitioning.Gateway.Views;

/// <summary>Sources by what they send: the heaviest and the split ones, or those that were asked for.</summary>
/// <param name="Partitions">How many partitions the topic has.</param>
/// <param name="WindowSeconds">How far back rate and share look.</param>
/// <param name="WindowEvents">Events in that window, by the producer that was asked.</param>
/// <param name="FairShare">What each partition would get if load were even, 0 to 1.</param>
/// <param name="Sources">The sources, the heaviest of the window first.</param>
/// <param name="HotPartitions">The partitions that take too much, with the sources that make it so.</param>
internal sealed record SourcesView(
    int Partitions, double WindowSeconds, long WindowEvents, double FairShare, IReadOnlyList<SourceView> Sources, IReadOnlyList<HotPartitionMapping> HotPartitions)
{
    public static SourcesView From(GroupPartitionMapping mapping)
    {
        var fair = mapping.Partitions > 0 ? 1.0 / mapping.Partitions : 0;
        return new(
            mapping.Partitions,
            mapping.WindowSeconds,
            mapping.WindowEvents,
            Math.Round(fair, 4),
            [.. mapping.Sources.Select(source => SourceView.From(source, mapping, fair)).OrderByDescending(source => source.Share).ThenByDescending(source => source.Events)],
            mapping.HotPartitions);
    }
}

/// <summary>One source.</summary>
/// <param name="Source">The source.</param>
/// <param name="Keys">Its record keys and their partitions.</param>
/// <param name="Events">Events since the producer started; 0 for a source that is not among the heaviest.</param>
/// <param name="EventsPerSecond">Events a second over the window.</param>
/// <param name="Share">Its part of the window's events, 0 to 1.</param>
/// <param name="FairShares">That part in fair shares of a partition.</param>
/// <param name="Hot">Whether it makes a partition hot.</param>
/// <param name="Split">Who split it: <c>configuration</c> or <c>api</c>; null when nobody did.</param>
/// <param name="SuggestedKeys">For a hot source: with how many keys its partitions would no longer be hot.</param>
/// <param name="Advice">What follows from all that, in words.</param>
internal sealed record SourceView(
    string Source,
    IReadOnlyList<KeyMapping> Keys,
    long Events,
    double EventsPerSecond,
    double Share,
    double FairShares,
    bool Hot,
    string? Split,
    int? SuggestedKeys,
    string Advice)
{
    public static SourceView From(SourceMapping source, GroupPartitionMapping mapping, double fair)
    {
        var fairShares = fair > 0 ? source.Share / fair : 0;
        return new(
            source.Source,
            source.Keys,
            source.Events,
            mapping.WindowSeconds > 0 ? Math.Round(source.Share * mapping.WindowEvents / mapping.WindowSeconds, 1) : 0,
            source.Share,
            Math.Round(fairShares, 2),
            source.Hot,
            source.Split,
            source.SuggestedKeys,
            Advise(source, fairShares));
    }

    private static string Advise(SourceMapping source, double fairShares)
    {
        var load = FormattableString.Invariant($"{fairShares:0.0} fair shares of a partition");
        if (source.Split is null)
        {
            return source.Hot
                ? FormattableString.Invariant($"Hot: it sends {load} under one key. Splitting it into {source.SuggestedKeys ?? 2} keys would spread it; order then holds within each key.")
                : fairShares > 0 ? $"Not hot: it sends {load}." : "Nothing came from it in this window.";
        }

        var by = source.Split == "configuration" ? "the configuration" : "an operator";
        var back = source.Split == "configuration"
            ? "It goes back to one key when Partitioning:SplitSources no longer names it and the services start again."
            : "It goes back to one key when an operator takes the split away.";
        return source.Hot ? FormattableString.Invariant($"Split into {source.Keys.Count} keys by {by}, and still hot with {load}. {back}")
            : fairShares > 1 ? FormattableString.Invariant($"Split into {source.Keys.Count} keys by {by}: with one key it would bring a partition {load}. {back}")
            : FormattableString.Invariant($"Split into {source.Keys.Count} keys by {by}; with {load} it would fit one key now. {back}");
    }
}
