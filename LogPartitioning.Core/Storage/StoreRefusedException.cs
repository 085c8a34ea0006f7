namespace LogPartitioning.Core.Storage;

/// <summary>The store is such that this program cannot work with it, however long it waits.</summary>
/// <param name="problems">What is wrong, a sentence or two each; for an operator.</param>
public sealed class StoreRefusedException(IReadOnlyList<string> problems) : Exception(string.Join(" ", problems))
{
    /// <summary>What is wrong, a sentence or two each.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
