using System.Diagnostics.Metrics;
using System.Text.Json;

namespace LogPartitioning.Gateway.Audit;

/// <summary>What the audit and the canary of this gateway found.</summary>
internal sealed class AuditMetrics
{
    private readonly Counter<long> _records;
    private readonly Counter<long> _outOfOrder;
    private readonly Counter<long> _lost;
    private readonly Histogram<double> _roundTrip;

    /// <summary>All of them exist from the start: a rise from nothing would be seen late.</summary>
    public AuditMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("LogPartitioning.Audit");
        _records = meter.CreateCounter<long>("log_audit_records", description: "Acknowledged records that were looked up in the store, by outcome. Those of outcome missing are nowhere.");
        _outOfOrder = meter.CreateCounter<long>("log_audit_out_of_order", description: "Records that were stored before one that stands before them under their key.");
        _lost = meter.CreateCounter<long>("log_canary_lost", description: "Events of the gateway's own that could not be sent, or not be read in time.");
        _roundTrip = meter.CreateHistogram<double>("log_canary_seconds", description: "From sending an event of the gateway's own until it could be read.");
        foreach (var outcome in Enum.GetValues<AuditOutcome>())
        {
            Count(outcome, 0);
        }

        _outOfOrder.Add(0);
        _lost.Add(0);
    }

    /// <summary>Adds a look.</summary>
    public void Looked(IEnumerable<AuditedRecord> records, IReadOnlyDictionary<string, int> outOfOrderBySource)
    {
        foreach (var (outcome, count) in records.CountBy(record => record.Outcome))
        {
            Count(outcome, count);
        }

        _outOfOrder.Add(outOfOrderBySource.Values.Sum());
    }

    /// <summary>Adds a round trip; null is one that did not end.</summary>
    public void Returned(TimeSpan? after)
    {
        if (after is { } taken)
        {
            _roundTrip.Record(taken.TotalSeconds);
        }
        else
        {
            _lost.Add(1);
        }
    }

    private void Count(AuditOutcome outcome, long records) =>
        _records.Add(records, new KeyValuePair<string, object?>("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString())));
}
