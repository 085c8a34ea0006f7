namespace LogPartitioning.Core.GroupState;

/// <summary>The live instances of a group, as far as Redis can tell.</summary>
/// <param name="Live">Whether <paramref name="Instances"/> is all that there are. Else Redis does not answer, takes no writes, or holds a state that cannot be read.</param>
/// <param name="Reason">Why the view is not live; null when it is.</param>
/// <param name="Instances">The instances whose state has not expired and can be read, by name.</param>
public sealed record GroupView(bool Live, string? Reason, IReadOnlyList<InstanceState> Instances);

/// <summary>Rebalances, newest first.</summary>
/// <param name="Live">Whether Redis answered, with entries that can all be read.</param>
/// <param name="Reason">Why the view is not live; null when it is.</param>
/// <param name="Items">The last rebalances, newest first.</param>
public sealed record RebalanceView(bool Live, string? Reason, IReadOnlyList<RebalanceEvent> Items);
