namespace LogPartitioning.Core.Replay;

/// <summary>A replay of history: asked for at the gateway, done by a consumer instance, kept in the table <c>replay_jobs</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Topic">The topic whose records are read again.</param>
/// <param name="Partition">What was asked for: a partition's number or <c>all</c>.</param>
/// <param name="From">What was asked for: an offset or a time.</param>
/// <param name="State"><c>running</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>; see <see cref="ReplayState"/>.</param>
/// <param name="Progress">What is done, and what there is to do.</param>
/// <param name="Error">Why it failed; null when it did not.</param>
/// <param name="StartedAt">When it was asked for.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
public sealed record ReplayJob(
    Guid Id,
    string Topic,
    string Partition,
    string From,
    string State,
    ReplayProgress Progress,
    string? Error,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt);

/// <summary>Where a replay stands.</summary>
public static class ReplayState
{
    /// <summary>Asked for and not ended, whether an instance has taken it or not.</summary>
    public const string Running = "running";

    /// <summary>All records were read.</summary>
    public const string Completed = "completed";

    /// <summary>The brokers or the database refused something.</summary>
    public const string Failed = "failed";

    /// <summary>Stopped on request.</summary>
    public const string Cancelled = "cancelled";
}
