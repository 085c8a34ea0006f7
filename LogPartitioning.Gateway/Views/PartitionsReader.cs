using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Reporting;

namespace LogPartitioning.Gateway.Views;

/// <summary>The partitions, from what the gateway knows already.</summary>
internal sealed class PartitionsReader(LagMonitor lag, GroupHistory history, ArrivalWindow arrivals, HotPartitions hot)
{
    public PartitionsView Read()
    {
        var samples = history.Samples;
        if (lag.Current is not { } report)
        {
            return new(null, lag.Problem ?? "The brokers have not told the group's offsets yet.", [], []);
        }

        var window = arrivals.Read();
        var hotOnes = hot.Find().Select(partition => partition.Partition).ToHashSet();
        var past = samples.Select(sample => sample.Partitions.ToDictionary(partition => partition.Partition)).ToList();
        var latest = past is [.., var newest] ? newest : [];
        return new(report.At, lag.Problem, [.. samples.Select(sample => sample.At)], [.. report.Partitions.Select(View)]);

        PartitionView View(PartitionLag partition) => new(
            partition.Partition,
            partition.Lag,
            Math.Round(partition.LagSeconds, 1),
            partition.LagSecondsIsAtLeast,
            latest.GetValueOrDefault(partition.Partition)?.ArrivedPerSecond ?? 0,
            latest.GetValueOrDefault(partition.Partition)?.StoredPerSecond ?? 0,
            Math.Round(window.ShareOf(partition.Partition), 4),
            hotOnes.Contains(partition.Partition),
            partition.Owner,
            partition.Verdict,
            partition.Reason,
            partition.Drain,
            partition.Position,
            partition.EndOffset,
            partition.Halt?.Detail,
            [.. past.Select(sample => sample.GetValueOrDefault(partition.Partition)?.Lag ?? 0)],
            [.. past.Select(sample => sample.GetValueOrDefault(partition.Partition)?.ArrivedPerSecond ?? 0)]);
    }
}
