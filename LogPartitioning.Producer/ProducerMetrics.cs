using System.Diagnostics.Metrics;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer;

/// <summary>The figures of the meter <c>LogPartitioning.Producer</c>. No label carries a source, an id or a message.</summary>
internal sealed class ProducerMetrics : IDisposable
{
    public const string MeterName = "LogPartitioning.Producer";

    private readonly Meter _meter;
    private readonly long[] _produced;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _duplicates;
    private readonly Histogram<double> _acknowledged;
    private readonly Counter<long> _syslogDropped;

    public ProducerMetrics(IMeterFactory meters, IOptions<KafkaOptions> kafka)
    {
        _meter = meters.Create(MeterName);
        _produced = new long[kafka.Value.Partitions];
        // Read when it is asked for: what is done for each event is one addition.
        _meter.CreateObservableCounter("log_events_produced", ReadProduced, description: "Events that the brokers acknowledged.");
        _rejected = _meter.CreateCounter<long>("log_events_rejected", description: "Events, or bodies of unknown content, that were not taken.");
        // The consumers' name for the same: what the one does not know the others find.
        _duplicates = _meter.CreateCounter<long>("log_events_duplicate", description: "Events that were accepted before, answered with their place and not sent again.");
        _acknowledged = _meter.CreateHistogram<double>(
            "log_producer_ack", "s", "Time from handing an event to the client until the brokers acknowledged it.");
        _syslogDropped = _meter.CreateCounter<long>("log_syslog_dropped", description: "Messages of syslog that are lost, since nobody could be told to send them again.");

        _duplicates.Add(0);
    }

    public void Produced(int partition, TimeSpan elapsed)
    {
        Interlocked.Increment(ref _produced[partition]);
        _acknowledged.Record(elapsed.TotalSeconds);
    }

    /// <summary>Counts what was not taken; nothing where that has no reason.</summary>
    public void Rejected(string? reason, int events = 1)
    {
        if (events > 0 && reason is not null)
        {
            _rejected.Add(events, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public void Duplicates(int events)
    {
        if (events > 0)
        {
            _duplicates.Add(events);
        }
    }

    /// <summary>Counts messages of syslog that are lost; with 0 the counter is there before the first.</summary>
    public void SyslogDropped(string reason, int messages) => _syslogDropped.Add(messages, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> ReadProduced()
    {
        for (var partition = 0; partition < _produced.Length; partition++)
        {
            if (Interlocked.Read(ref _produced[partition]) is var events and > 0)
            {
                yield return new(events, new KeyValuePair<string, object?>("partition", partition));
            }
        }
    }
}
