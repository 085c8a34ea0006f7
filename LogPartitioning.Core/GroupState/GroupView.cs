namespace LogPartitioning.Core.GroupState;

/// <summary>The live instances of a group, as far as Redis can tell.</summary>
/// <param name="Live">Whether Redis answered: false means that <paramref name="Instances"/> is empty because nobody could be asked.</param>
/// <param name="Reason">Why the view is not live; null when it is.</param>
/// <param name="Instances">The instances whose state has not expired, by name.</param>
public sealed record GroupView(bool Live, string? Reason, IReadOnlyList<InstanceState> Instances);

/// <summary>Rebalances, newest first.</summary>
/// <param name="Live">Whether Redis answered.</param>
/// <param name="Reason">Why the view is not live; null when it is.</param>
/// <param name="Items">The last rebalances, newest first.</param>
public sealed record RebalanceView(bool Live, string? Reason, IReadOnlyList<RebalanceEvent> Items);
