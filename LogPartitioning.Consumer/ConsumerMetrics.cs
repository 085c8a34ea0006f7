using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.DeadLetters;

namespace LogPartitioning.Consumer;

/// <summary>What an instance counts. Prometheus's names follow from the instruments' names, units and kinds.</summary>
internal sealed class ConsumerMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "LogPartitioning.Consumer";

    private readonly Counter<long> _processed;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _deadLettered;
    private readonly Counter<long> _rebalances;
    private readonly Counter<long> _fenced;
    private readonly Counter<long> _gaps;
    private readonly Histogram<double> _processingTime;
    private readonly Histogram<double> _rebalanceTime;
    private readonly ConcurrentDictionary<int, long> _processedByPartition = new();
    private long _fencedTotal;
    private long _deadLetteredTotal;

    public ConsumerMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _processed = meter.CreateCounter<long>("log_events_processed_by_partition", description: "Events stored, by partition. A duplicate by event id is not stored again and not counted here.");
        _duplicates = meter.CreateCounter<long>("log_events_duplicate", description: "Events left out because an event with the same id is stored already.");
        _deadLettered = meter.CreateCounter<long>("log_events_dead_lettered", description: "Records sent to the dead letter topic, by reason.");
        _rebalances = meter.CreateCounter<long>("kafka_consumer_rebalances", description: "Rebalance callbacks that moved partitions: assigned, revoked or lost.");
        _fenced = meter.CreateCounter<long>("kafka_consumer_fenced", description: "Partitions whose write was refused because the store knows another owner or position.");
        _gaps = meter.CreateCounter<long>("log_events_gap", description: "Offsets that were passed without a record, by partition and cause. Only those of cause deleted are lost; compaction and transactions leave some by their nature.");
        _processingTime = meter.CreateHistogram<double>("log_processing_time", "s", "For each event, from when the poll loop had its record to when its batch was committed to the database.");
        _rebalanceTime = meter.CreateHistogram<double>("kafka_consumer_rebalance", "s", "How long a rebalance callback took: draining and letting go, or claiming.");

        // A counter that exists from the start can be alerted on at its first step.
        _duplicates.Add(0);
        _fenced.Add(0);
        foreach (var reason in DeadLetterReason.All)
        {
            _deadLettered.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
        foreach (var kind in RebalanceKind.All)
        {
            _rebalances.Add(0, new KeyValuePair<string, object?>("kind", kind));
        }
    }

    /// <summary>Events stored since the start, by partition.</summary>
    public IReadOnlyDictionary<int, long> ProcessedByPartition => _processedByPartition;

    /// <summary>Refused writes since the start.</summary>
    public long FencedTotal => Interlocked.Read(ref _fencedTotal);

    /// <summary>Dead letters since the start.</summary>
    public long DeadLetteredTotal => Interlocked.Read(ref _deadLetteredTotal);

    public void Stored(int partition, int events)
    {
        _processedByPartition.AddOrUpdate(partition, events, (_, before) => before + events);
        _processed.Add(events, new KeyValuePair<string, object?>("partition", partition));
    }

    public void Processed(TimeSpan time) => _processingTime.Record(time.TotalSeconds);

    public void Duplicates(int events) => _duplicates.Add(events);

    public void DeadLettered(string reason)
    {
        Interlocked.Increment(ref _deadLetteredTotal);
        _deadLettered.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Fenced()
    {
        Interlocked.Increment(ref _fencedTotal);
        _fenced.Add(1);
    }

    /// <summary>A partition is read here from now on: its counters exist.</summary>
    public void Owned(int partition)
    {
        foreach (var cause in GapCause.All)
        {
            Gap(partition, cause, 0);
        }
    }

    public void Gap(int partition, string cause, long offsets) => _gaps.Add(offsets, new("cause", cause), new("partition", partition));

    public void Rebalanced(string kind, TimeSpan time)
    {
        _rebalances.Add(1, new KeyValuePair<string, object?>("kind", kind));
        _rebalanceTime.Record(time.TotalSeconds);
    }
}
