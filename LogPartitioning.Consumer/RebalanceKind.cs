namespace LogPartitioning.Consumer;

/// <summary>Values of the metric label <c>kind</c>: which callback moved partitions.</summary>
internal static class RebalanceKind
{
    public const string Assigned = "assigned";
    public const string Revoked = "revoked";
    public const string Lost = "lost";

    public static IReadOnlyList<string> All { get; } = [Assigned, Revoked, Lost];
}
