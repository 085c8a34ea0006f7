using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Partitioning;

/// <summary>
/// What arrived in each partition lately, from the growth of its end offset: true over all producers, whether or not anybody
/// consumes, and independent of how long any service has run.
/// </summary>
/// <remarks>Bounded: readings are kept a sixtieth of the window apart. Safe for use from several threads.</remarks>
internal sealed class ArrivalWindow(IOptions<PartitioningOptions> options)
{
    private const int Steps = 60;

    private readonly Lock _lock = new();
    private readonly LinkedList<Reading> _readings = [];
    private Reading? _newest;

    /// <summary>Takes in a reading of the brokers.</summary>
    public void Add(LagReport report)
    {
        var reading = new Reading(report.At, report.Partitions.ToDictionary(partition => partition.Partition, partition => partition.EndOffset));
        lock (_lock)
        {
            if (_newest is { } before && reading.Ends.Any(entry => before.Ends.TryGetValue(entry.Key, out var end) && entry.Value < end))
            {
                // The topic was created again.
                _readings.Clear();
            }

            _newest = reading;
            var length = options.Value.HotWindow;
            if (_readings.Last is not { } last || reading.At - last.Value.At >= length / Steps)
            {
                _readings.AddLast(reading);
            }

            // The first one kept is the newest that is at least as old as the window; with a slow reader, the one before the newest.
            while (_readings.First?.Next is { } second && second.Value.At <= reading.At - length && second.Next is not null)
            {
                _readings.RemoveFirst();
            }
        }
    }

    /// <summary>The window now.</summary>
    public ArrivalSnapshot Read()
    {
        lock (_lock)
        {
            if (_newest is not { } newest || _readings.First?.Value is not { } oldest)
            {
                return ArrivalSnapshot.Empty;
            }

            var events = newest.Ends.ToDictionary(
                entry => entry.Key,
                // A partition that was added within the window began at 0.
                entry => entry.Value - oldest.Ends.GetValueOrDefault(entry.Key));
            return new(Math.Round((newest.At - oldest.At).TotalSeconds, 1), events, events.Values.Sum(), Math.Round(HotRule.ImbalanceOf(events.Values), 3));
        }
    }

    private sealed record Reading(DateTimeOffset At, Dictionary<int, long> Ends);
}

/// <summary>What arrived in a window.</summary>
/// <param name="Seconds">How far back it reaches.</param>
/// <param name="Events">Records by partition.</param>
/// <param name="Total">Records in all.</param>
/// <param name="Imbalance">Most / mean; 0 when nothing arrived.</param>
internal sealed record ArrivalSnapshot(double Seconds, IReadOnlyDictionary<int, long> Events, long Total, double Imbalance)
{
    public static ArrivalSnapshot Empty { get; } = new(0, new Dictionary<int, long>(), 0, 0);

    public double ShareOf(int partition) => Total == 0 ? 0 : (double)Events.GetValueOrDefault(partition) / Total;
}
