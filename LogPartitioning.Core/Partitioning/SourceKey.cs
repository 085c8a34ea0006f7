namespace LogPartitioning.Core.Partitioning;

/// <summary>A source and one of the record keys that its events go to; for a source that is not split they are equal.</summary>
/// <param name="Source">The source.</param>
/// <param name="Key">The record key.</param>
/// <param name="Partition">The partition of the key.</param>
public readonly record struct SourceKey(string Source, string Key, int Partition);
