namespace LogPartitioning.Core.Partitioning;

/// <summary>When a partition is hot: when it got more than some multiple of its fair share, the total over the number of partitions.</summary>
/// <param name="Multiple">How many fair shares are too much; more than 1.</param>
/// <param name="MinimumEvents">With fewer events than this in all, nothing is called hot.</param>
public readonly record struct HotRule(double Multiple, long MinimumEvents)
{
    /// <summary>The rule as it is set.</summary>
    public static HotRule Of(PartitioningOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(options.HotMultiple, options.HotMinimumEvents);
    }

    /// <summary>Most / mean: 1 when all are equal, 0 when all are 0.</summary>
    public static double ImbalanceOf(IReadOnlyCollection<long> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var total = counts.Sum();
        return total == 0 ? 0 : counts.Max() * (double)counts.Count / total;
    }

    /// <summary>How many events of a total a partition may get without being hot.</summary>
    public double LimitOf(long total, int partitions) => total < MinimumEvents ? double.PositiveInfinity : Multiple * total / partitions;
}
