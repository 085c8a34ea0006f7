using System.Diagnostics.Metrics;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>Reads the group's lag at its interval and exports that of the instance's own partitions: each has one owner, so a sum over instances is right.</summary>
internal sealed class LagReporter : BackgroundService
{
    private readonly SteadyLoop _loop;
    private readonly LagMonitor _monitor;
    private readonly InstanceView _view;
    private readonly ConsumerInstance _instance;

    public LagReporter(
        LagMonitor monitor, InstanceView view, ConsumerInstance instance, IMeterFactory meters, TimeProvider time, ILogger<LagReporter> log)
    {
        _loop = new("Reading the lag", time, log);
        _monitor = monitor;
        _view = view;
        _instance = instance;
        monitor.Reported += CommitAgain;
        var meter = meters.Create(ConsumerMetrics.MeterName);
        meter.CreateObservableGauge("kafka_consumer_lag", () => Observe(p => p.Lag), description: "Records of the partition that are not processed yet; from its owner alone.");
        meter.CreateObservableGauge("kafka_consumer_lag_seconds", () => Observe(p => p.LagSeconds), description: "Age of the oldest record that is not processed yet; from the partition's owner alone.");
    }

    /// <summary>The last reading, of the partitions owned now.</summary>
    public IEnumerable<PartitionLag> Owned()
    {
        if (_monitor.Current is not { } report)
        {
            return [];
        }
        var owned = _view.Owned.Select(p => p.Partition).ToHashSet();
        return report.Partitions.Where(p => owned.Contains(p.Partition));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _loop.UntilDoneAsync(
            async token =>
            {
                // Asking old brokers about a topic creates it; the topology check comes first.
                await _instance.Ready.WaitAsync(token);
                await _monitor.RunAsync(token);
            },
            stoppingToken);

    private void CommitAgain(LagReport report)
    {
        foreach (var worker in _instance.Workers)
        {
            worker.CommitAgain(report.Offsets.Partitions);
        }
    }

    private IEnumerable<Measurement<T>> Observe<T>(Func<PartitionLag, T> value)
        where T : struct
    {
        var report = _monitor.Current;
        return Owned().Select(p => new Measurement<T>(
            value(p),
            new("group", report!.Group),
            new("topic", report.Topic),
            new("partition", p.Partition)));
    }
}
