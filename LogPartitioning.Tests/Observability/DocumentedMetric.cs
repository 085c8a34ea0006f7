namespace LogPartitioning.Tests.Observability;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>A metric that the application promises under this name, with these labels and no others.</summary>
/// <param name="Name">As Prometheus shows it; a histogram without its <c>_bucket</c>, <c>_sum</c> and <c>_count</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Labels">The labels that the application sets; Prometheus adds those of the target.</param>
internal sealed record DocumentedMetric(string Name, MetricKind Kind, params string[] Labels)
{
    /// <summary>The application's own metrics, as docs/operations.md lists them.</summary>
    public static IReadOnlyList<DocumentedMetric> All { get; } =
    [
        new("log_events_produced_total", MetricKind.Counter, "partition"),
        new("log_events_rejected_total", MetricKind.Counter, "reason"),
        new("log_syslog_dropped_total", MetricKind.Counter, "reason"),
        new("log_producer_ack_seconds", MetricKind.Histogram),
        new("log_events_processed_by_partition_total", MetricKind.Counter, "partition"),
        new("log_processing_time_seconds", MetricKind.Histogram),
        new("log_events_dead_lettered_total", MetricKind.Counter, "reason"),
        new("log_events_duplicate_total", MetricKind.Counter),
        new("log_events_gap_total", MetricKind.Counter, "cause", "partition"),
        new("kafka_consumer_lag", MetricKind.Gauge, "group", "topic", "partition"),
        new("kafka_consumer_lag_seconds", MetricKind.Gauge, "group", "topic", "partition"),
        new("kafka_consumer_rebalances_total", MetricKind.Counter, "kind"),
        new("kafka_consumer_rebalance_seconds", MetricKind.Histogram),
        new("kafka_consumer_fenced_total", MetricKind.Counter),
        new("kafka_consumer_group_members", MetricKind.Gauge, "group"),
        new("kafka_topic_under_replicated_partitions", MetricKind.Gauge, "topic"),
        new("log_retention_runs_total", MetricKind.Counter, "outcome"),
        new("log_retention_dropped_events_total", MetricKind.Counter),
        new("log_retention_dropped_ids_total", MetricKind.Counter),
        new("log_retention_freed_bytes_total", MetricKind.Counter),
        new("log_scaling_desired_consumers", MetricKind.Gauge),
        new("log_audit_records_total", MetricKind.Counter, "outcome"),
        new("log_audit_out_of_order_total", MetricKind.Counter),
        new("log_canary_seconds", MetricKind.Histogram) { NeedsCanary = true },
        new("log_canary_lost_total", MetricKind.Counter),
        new("log_partition_imbalance", MetricKind.Gauge),
    ];

    /// <summary>Whether it is there only when the canary is sent, as it is not where tests count what they sent.</summary>
    public bool NeedsCanary { get; init; }

    /// <summary>The names under which Prometheus stores it.</summary>
    public IEnumerable<string> SeriesNames => Kind == MetricKind.Histogram ? [$"{Name}_bucket", $"{Name}_sum", $"{Name}_count"] : [Name];
}
