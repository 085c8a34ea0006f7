namespace LogPartitioning.Core.Partitioning;

/// <summary>How a source is to be split.</summary>
/// <param name="Keys">Into how many keys: 2 to as many as there are partitions.</param>
public sealed record SplitBody(int? Keys);
