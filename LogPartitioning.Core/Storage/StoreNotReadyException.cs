namespace LogPartitioning.Core.Storage;

/// <summary>The store answers and is not ready for this program yet; somebody or something else makes it so.</summary>
/// <param name="problems">What is waited for, a sentence or two each; for an operator.</param>
public sealed class StoreNotReadyException(IReadOnlyList<string> problems) : Exception(string.Join(" ", problems));
