namespace LogPartitioning.LoadTest.Sending;

/// <summary>Where a run stands; a snapshot, consistent in itself.</summary>
/// <param name="Sent">Events handed to the gateway at least once.</param>
/// <param name="Acknowledged">Events acknowledged, and in the ledger.</param>
/// <param name="Rejected">Events refused by a rule.</param>
/// <param name="Unknown">Events given up with an unknown outcome.</param>
/// <param name="Retried">Events sent more than once.</param>
/// <param name="Requests">Requests made.</param>
/// <param name="FailedRequests">Requests that got no answer, or one that left the outcome open.</param>
/// <param name="Elapsed">Time since the run started, up to its end.</param>
/// <param name="LongestGap">The longest time in which nothing was acknowledged, the running one included.</param>
/// <param name="P50">Median time of a request.</param>
/// <param name="P99">The time that 99 % of the requests did not exceed.</param>
/// <param name="ByPartition">Acknowledged events by partition.</param>
/// <param name="LastProblem">The last reason for a rejection or a retry, for people.</param>
internal sealed record LoadStatistics(
    long Sent,
    long Acknowledged,
    long Rejected,
    long Unknown,
    long Retried,
    long Requests,
    long FailedRequests,
    TimeSpan Elapsed,
    TimeSpan LongestGap,
    TimeSpan P50,
    TimeSpan P99,
    IReadOnlyDictionary<int, long> ByPartition,
    string? LastProblem)
{
    /// <summary>Acknowledged events per second of the run.</summary>
    public double EventsPerSecond => Elapsed > TimeSpan.Zero ? Acknowledged / Elapsed.TotalSeconds : 0;

    /// <summary>Every event that was sent is acknowledged.</summary>
    public bool AllAcknowledged => Acknowledged == Sent && Rejected == 0 && Unknown == 0;
}
