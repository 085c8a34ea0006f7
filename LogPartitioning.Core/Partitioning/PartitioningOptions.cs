using LogPartitioning.Core.Events;

namespace LogPartitioning.Core.Partitioning;

/// <summary>How load is watched and spread: configuration section <c>Partitioning</c>.</summary>
public sealed class PartitioningOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Partitioning";

    /// <summary>Sources to split, each with its number of keys, 2 to the number of partitions. A split that was set
    /// through the API wins over the one named here.</summary>
    public IList<SplitSource> SplitSources { get; set; } = [];

    /// <summary>A partition with more than this many fair shares is hot; above 1, at most 1,000.</summary>
    public double HotMultiple { get; set; } = 2;

    /// <summary>How far back load is looked at, both to call a partition hot and to pick the least loaded one; 1 s to 1 h.</summary>
    public TimeSpan HotWindow { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>With fewer events than this in the window, nothing is called hot; 1 or more.</summary>
    public long HotMinimumEvents { get; set; } = 1_000;

    /// <summary>How many keys the heavy-hitter summaries keep, 10 to 100,000: a number of events is too large by at most
    /// the events seen divided by this.</summary>
    public int TrackedKeys { get; set; } = 1_000;

    /// <summary>How often the stored splits are read again, in case a notification was missed; 1 s to 1 h.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Every rule that these options break.</summary>
    /// <param name="partitions">How many partitions the topic has.</param>
    public IEnumerable<string> Problems(int partitions)
    {
        foreach (var split in SplitSources)
        {
            if (EventRules.BrokenBySource(split.Source) is { } broken)
            {
                yield return $"{Section}:SplitSources has an entry whose Source {broken}.";
            }
            else if (split.Keys < SourceSplits.MinKeys || split.Keys > partitions)
            {
                yield return $"{Section}:SplitSources: Keys of the source \"{split.Source}\" must be {SourceSplits.MinKeys} to the number of partitions ({partitions}); it is {split.Keys}.";
            }
        }

        foreach (var source in SplitSources.GroupBy(split => split.Source, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"{Section}:SplitSources names the source \"{source.Key}\" {source.Count()} times.";
        }

        if (!(HotMultiple > 1 && HotMultiple <= 1_000))
        {
            yield return $"{Section}:HotMultiple must be above 1 and at most 1000; it is {HotMultiple}.";
        }

        foreach (var (name, value) in new[] { (nameof(HotWindow), HotWindow), (nameof(RefreshInterval), RefreshInterval) })
        {
            if (value < TimeSpan.FromSeconds(1) || value > TimeSpan.FromHours(1))
            {
                yield return $"{Section}:{name} must be 00:00:01 to 01:00:00; it is {value}.";
            }
        }

        if (HotMinimumEvents < 1)
        {
            yield return $"{Section}:HotMinimumEvents must be 1 or more; it is {HotMinimumEvents}.";
        }

        if (TrackedKeys is < 10 or > 100_000)
        {
            yield return $"{Section}:TrackedKeys must be 10 to 100000; it is {TrackedKeys}.";
        }
    }
}
