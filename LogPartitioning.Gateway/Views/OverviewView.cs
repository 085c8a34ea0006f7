using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Views;

/// <summary>How the whole does, on one screen.</summary>
/// <param name="At">When the brokers were read; null when they never were.</param>
/// <param name="Problem">Why this is not a recent reading; null when it is.</param>
/// <param name="Status"><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>: the graver of what <c>/api/consumer/health</c> and <c>/api/audit</c> tell.</param>
/// <param name="Verdict">The gravest verdict of a partition; null when the lag was never read.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Alarms">What is off, in words; empty when nothing is.</param>
/// <param name="ArrivedPerSecond">Records appended a second, between the last two samples; null before there are two readings.</param>
/// <param name="StoredPerSecond">Records stored a second, likewise.</param>
/// <param name="TotalLag">Records that wait.</param>
/// <param name="Drain">When the backlog will be gone.</param>
/// <param name="Consumers">Members of the group at the brokers.</param>
/// <param name="DesiredConsumers">Members that there should be; null before there is an advice.</param>
/// <param name="Instances">Live instances.</param>
/// <param name="Imbalance">Most / mean of what arrived in the partitions over the window; 1 is even, 0 when nothing did.</param>
/// <param name="ImbalanceSeconds">How far that window reaches back.</param>
/// <param name="LastRebalance">The last one; null when none is known.</param>
/// <param name="History">The last half hour, oldest first.</param>
internal sealed record OverviewView(
    DateTimeOffset? At,
    string? Problem,
    string Status,
    LagVerdict? Verdict,
    string? Reason,
    IReadOnlyList<string> Alarms,
    double? ArrivedPerSecond,
    double? StoredPerSecond,
    long? TotalLag,
    DrainEstimate? Drain,
    int? Consumers,
    int? DesiredConsumers,
    int Instances,
    double Imbalance,
    double ImbalanceSeconds,
    RebalanceEvent? LastRebalance,
    IReadOnlyList<OverviewSample> History);

/// <summary>The group at one time.</summary>
/// <param name="At">When.</param>
/// <param name="ArrivedPerSecond">Records appended a second.</param>
/// <param name="StoredPerSecond">Records stored a second.</param>
/// <param name="Lag">Records that waited.</param>
/// <param name="Consumers">Members of the group.</param>
/// <param name="Imbalance">Most / mean of what arrived in the partitions.</param>
internal sealed record OverviewSample(DateTimeOffset At, double ArrivedPerSecond, double StoredPerSecond, long Lag, int Consumers, double Imbalance);
