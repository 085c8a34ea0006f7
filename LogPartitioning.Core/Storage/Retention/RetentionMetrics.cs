using System.Diagnostics.Metrics;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>What went, counted by the service that dropped it.</summary>
public sealed class RetentionMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "LogPartitioning.Retention";

    private readonly Counter<long> _runs;
    private readonly Counter<long> _events;
    private readonly Counter<long> _ids;
    private readonly Counter<long> _bytes;

    /// <summary>All of them exist from the start.</summary>
    public RetentionMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        var meter = meters.Create(MeterName);
        _runs = meter.CreateCounter<long>("log_retention_runs", description: "Runs that dropped what is old, by outcome.");
        _events = meter.CreateCounter<long>("log_retention_dropped_events", description: "Events that were dropped for their age.");
        _ids = meter.CreateCounter<long>("log_retention_dropped_ids", description: "Ids of events that were forgotten for their age.");
        _bytes = meter.CreateCounter<long>("log_retention_freed_bytes", description: "Bytes that were freed at the log store, about.");
        Ended(true, 0);
        Ended(false, 0);
        Freed(new(0, 0, 0, 0));
    }

    internal void Ended(bool completed, int runs = 1) => _runs.Add(runs, new KeyValuePair<string, object?>("outcome", completed ? "completed" : "failed"));

    internal void Freed(RetentionFreed freed)
    {
        _events.Add(freed.Events);
        _ids.Add(freed.Ids);
        _bytes.Add(freed.Bytes);
    }
}
