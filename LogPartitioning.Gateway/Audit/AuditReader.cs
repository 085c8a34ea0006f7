namespace LogPartitioning.Gateway.Audit;

/// <summary>Puts together what the audit and the canary of this gateway found. Nothing is read for it.</summary>
internal sealed class AuditReader(TrafficAuditor auditor, AuditSums sums, Canary canary, AuditOptions options)
{
    public AuditView Read()
    {
        var sources = sums.Read();
        var total = sources.Aggregate(AuditCounts.None, (sum, source) => sum.And(source.Counts));
        var trips = CanaryView.Of(canary.Trips, options.CanaryInterval);
        return new(
            auditor.Problem,
            auditor.Last,
            [.. AuditAlarms.Of(total, trips)],
            total,
            [.. sources.Where(source => source.Source != AuditSums.Others).Take(AuditView.MostSources).Select(source => new AuditedSource(source.Source, source.Counts))],
            auditor.Missing,
            trips);
    }
}
