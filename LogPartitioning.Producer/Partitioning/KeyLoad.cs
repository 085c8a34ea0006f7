using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Producer.Partitioning;

/// <summary>How many events a key had.</summary>
/// <param name="Key">The key.</param>
/// <param name="Events">Their number, or more: the true one is between Events - Error and Events.</param>
/// <param name="Error">How much too large the number may be.</param>
internal readonly record struct KeyLoad(SourceKey Key, long Events, long Error);
