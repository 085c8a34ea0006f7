namespace LogPartitioning.Core.Partitioning;

/// <summary>An entry of <see cref="PartitioningOptions.SplitSources"/>.</summary>
public sealed class SplitSource
{
    /// <summary>The source, 1 to 255 characters of any kind but control characters.</summary>
    public string Source { get; set; } = "";

    /// <summary>How many keys its events are spread over, 2 to the number of partitions.</summary>
    public int Keys { get; set; }
}
