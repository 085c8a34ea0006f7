using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Gateway.Reporting;

/// <summary>
/// The last half hour of the group, from one reading of the lag to the next: what a picture over time is drawn from. This gateway's own, since it started.
/// </summary>
/// <remarks>Bounded: <see cref="Capacity"/> samples, at least <see cref="Step"/> apart. Safe for use from several threads.</remarks>
internal sealed class GroupHistory
{
    /// <summary>How many samples are kept.</summary>
    public const int Capacity = 360;

    /// <summary>The least time between two samples.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Queue<GroupSample> _samples = new(Capacity);
    private LagReport? _before;

    /// <summary>The samples, oldest first.</summary>
    public IReadOnlyList<GroupSample> Samples
    {
        get
        {
            lock (_lock)
            {
                return [.. _samples];
            }
        }
    }

    /// <summary>Takes in a reading. The first one, and one after the topic was created again, only begins a new count.</summary>
    public void Add(LagReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        lock (_lock)
        {
            if (_before is { } before)
            {
                // Readings are a moment apart from their interval: one that comes a little early is no other sample.
                if (report.At - before.At < 0.9 * Step)
                {
                    return;
                }

                if (_samples.Count == Capacity)
                {
                    _samples.Dequeue();
                }

                _samples.Enqueue(Between(before, report));
            }

            _before = report;
        }
    }

    private static GroupSample Between(LagReport before, LagReport now)
    {
        var seconds = (now.At - before.At).TotalSeconds;
        var earlier = before.Partitions.ToDictionary(partition => partition.Partition);
        var partitions = now.Partitions.Select(partition => earlier.TryGetValue(partition.Partition, out var was)
            ? new PartitionSample(partition.Partition, partition.Lag, Rate(was.EndOffset, partition.EndOffset), Rate(was.Position, partition.Position))
            : new PartitionSample(partition.Partition, partition.Lag, 0, 0)).ToList();
        return new(
            now.At,
            Math.Round(partitions.Sum(partition => partition.ArrivedPerSecond), 1),
            Math.Round(partitions.Sum(partition => partition.StoredPerSecond), 1),
            now.TotalLag,
            now.Offsets.Members.Count,
            Math.Round(HotRule.ImbalanceOf([.. now.Partitions.Select(partition => Math.Max(0, partition.EndOffset - (earlier.GetValueOrDefault(partition.Partition)?.EndOffset ?? partition.EndOffset)))]), 2),
            partitions);

        // An offset that went back is another log's: nothing is known of the time between.
        double Rate(long was, long isNow) => seconds > 0 && isNow > was ? Math.Round((isNow - was) / seconds, 1) : 0;
    }
}

/// <summary>The group between two readings.</summary>
/// <param name="At">When it was read.</param>
/// <param name="ArrivedPerSecond">Records appended a second since the sample before.</param>
/// <param name="StoredPerSecond">Offsets stored a second since then.</param>
/// <param name="Lag">Records that wait.</param>
/// <param name="Members">Members of the group.</param>
/// <param name="Imbalance">Most / mean of what arrived in the partitions since then; 1 is even, 0 when nothing did.</param>
/// <param name="Partitions">Every partition, ascending.</param>
internal sealed record GroupSample(
    DateTimeOffset At, double ArrivedPerSecond, double StoredPerSecond, long Lag, int Members, double Imbalance, IReadOnlyList<PartitionSample> Partitions);

/// <summary>A partition between two readings.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Lag">Records that wait.</param>
/// <param name="ArrivedPerSecond">Records appended a second.</param>
/// <param name="StoredPerSecond">Offsets stored a second.</param>
internal sealed record PartitionSample(int Partition, long Lag, double ArrivedPerSecond, double StoredPerSecond);
