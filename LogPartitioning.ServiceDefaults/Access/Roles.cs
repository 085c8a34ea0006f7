namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>What a key may do. Each endpoint needs one of these, by <c>RequireAuthorization</c>, or is open to everybody.</summary>
public static class Roles
{
    /// <summary>Sends logs.</summary>
    public const string Write = "write";

    /// <summary>Reads logs, views, metrics and the OpenAPI document.</summary>
    public const string Read = "read";

    /// <summary>Changes what the system does: splits, replays, halted and paused partitions, positions.</summary>
    public const string Operate = "operate";

    /// <summary>All of them; none contains another.</summary>
    public static IReadOnlyList<string> All { get; } = [Write, Read, Operate];
}
