using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Audit;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Reporting;
using LogPartitioning.Gateway.Scaling;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Views;

/// <summary>Puts together what each part of the gateway knows already: nothing is read for it but the last rebalances.</summary>
internal sealed class OverviewReader(
    LagMonitor lag, GroupWatch watch, GroupHistory history, ArrivalWindow arrivals, ScalingState scaling, RebalanceLog rebalances, AuditReader audit, IOptions<KafkaOptions> kafka)
{
    public async Task<OverviewView> ReadAsync(CancellationToken cancellationToken)
    {
        var report = lag.Current;
        var view = await watch.ReadAsync(cancellationToken);
        var (status, alarms) = GroupHealthRules.Judge(report, Problem(report), view, kafka.Value.Partitions);
        var audited = audit.Read();
        var samples = history.Samples;
        var window = arrivals.Read();
        var last = samples.Count > 0 ? samples[^1] : null;
        return new(
            report?.At,
            Problem(report),
            !audited.Total.AsPromised ? GroupHealthRules.Unhealthy : status == GroupHealthRules.Healthy && audited.Alarms.Count > 0 ? GroupHealthRules.Degraded : status,
            report?.Verdict,
            report?.Reason,
            [.. alarms, .. audited.Alarms],
            last?.ArrivedPerSecond,
            last?.StoredPerSecond,
            report?.TotalLag,
            report?.Drain,
            report?.Offsets.Members.Count,
            scaling.Current?.Desired,
            view.Instances.Count,
            window.Imbalance,
            window.Seconds,
            (await rebalances.ReadAsync(cancellationToken)).Items is [var newest, ..] ? newest : null,
            [.. samples.Select(sample => new OverviewSample(sample.At, sample.ArrivedPerSecond, sample.StoredPerSecond, sample.Lag, sample.Members, sample.Imbalance))]);
    }

    private string? Problem(LagReport? report) => lag.Problem ?? (report is null ? "The brokers have not told the group's offsets yet." : null);
}
