using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Scaling;

/// <summary>
/// Advises the number of consumers after KEDA's Kafka scaler: <c>ceil(total lag / lag threshold)</c>, within limits, rising at
/// once and falling after the stabilisation window.
/// </summary>
/// <remarks>
/// <para>
/// A partition is read by one consumer. So the whole drains no faster than its largest partition, and more than
/// <c>ceil(total lag / lag of the largest partition)</c> equal consumers gain nothing even if the partitions were dealt
/// ideally. Below a hot partition this bound stays out of the way (the assignor deals partitions by number, not by lag, so
/// that some consumers more do help); where one partition holds more than <see cref="ScalingOptions.HotPartitionShare"/> of the lag, it
/// limits the advice and the reasons say so.
/// </para>
/// <para>Not safe for use from several threads.</para>
/// </remarks>
internal sealed class ScalingAdvisor(ScalingOptions options)
{
    private readonly RecommendationWindow _window = new(options.ScaleInStabilization);
    private Dictionary<int, long> _positionsBefore = [];
    private DateTimeOffset? _lastActive;

    /// <summary>The advice that follows from a reading of the lag.</summary>
    /// <param name="report">The lag.</param>
    /// <param name="workersPerInstance">Workers that a running instance has; null when none tells.</param>
    public ScalingAdvice Advise(LagReport report, int? workersPerInstance)
    {
        ArgumentNullException.ThrowIfNull(report);
        var reasons = new List<string>();
        var current = report.Offsets.Members.Count;
        var recommended = Recommend(report, current, reasons);
        var (since, highest) = _window.Add(report.At, recommended);
        if (highest > recommended)
        {
            var left = options.ScaleInStabilization - (report.At - since);
            reasons.Add(Text($"{recommended} would do now, but {highest} were called for {(report.At - since).TotalSeconds:0} s ago: waiting {left.TotalSeconds:0} s more before scaling in"));
        }

        _positionsBefore = report.Partitions.ToDictionary(partition => partition.Partition, partition => partition.Position);
        var workers = workersPerInstance is > 0 ? workersPerInstance.Value : options.WorkersPerInstance;
        return new(
            report.At,
            current,
            highest,
            recommended,
            workers,
            DivideRoundingUp(current, workers),
            DivideRoundingUp(highest, workers),
            report.TotalLag,
            reasons);
    }

    private int Recommend(LagReport report, int current, List<string> reasons)
    {
        // What an operator keeps waiting calls for nobody.
        var paused = report.Partitions.Where(partition => partition.Halt is { IsPause: true }).Sum(partition => partition.Lag);
        var waiting = report.TotalLag - paused;
        if (paused > 0)
        {
            reasons.Add(Text($"the lag of {paused} in partitions that an operator has paused is left out"));
        }

        if (waiting > options.ActivationLagThreshold)
        {
            _lastActive = report.At;
            return ForLag(report, current, reasons);
        }

        reasons.Add(options.ActivationLagThreshold > 0
            ? Text($"the lag of {waiting} is not above the activation threshold of {options.ActivationLagThreshold}")
            : "nothing waits");
        if (options.MinConsumers == 0 && _lastActive is { } active && report.At - active < options.Cooldown)
        {
            reasons.Add(Text($"one consumer stays until the cooldown of {options.Cooldown.TotalSeconds:0} s is over"));
            return 1;
        }

        reasons.Add(Text($"{options.MinConsumers} is the minimum"));
        return options.MinConsumers;
    }

    private int ForLag(LagReport report, int current, List<string> reasons)
    {
        var counted = Counted(report, reasons);
        var total = counted.Sum(partition => partition.Lag);
        var formula = (total / options.LagThreshold) + (total % options.LagThreshold == 0 ? 0 : 1);
        reasons.Add(Text($"lag {total} / threshold {options.LagThreshold} calls for {formula}"));

        var desired = formula;
        if (!options.AllowIdleConsumers)
        {
            var withLag = counted.Count(partition => partition.Lag > 0);
            desired = Limit(desired, report.Partitions.Count, Text($"there are {report.Partitions.Count} partitions, and further consumers would idle"), reasons);
            if (options.LimitToPartitionsWithLag)
            {
                desired = Limit(desired, withLag, Text($"{withLag} partitions have lag, and further consumers would have nothing to catch up with"), reasons);
            }
        }

        desired = LimitToBottleneck(desired, counted, total, current, reasons);
        if (options.MaxConsumers is { } max)
        {
            desired = Limit(desired, max, Text($"{max} is the maximum"), reasons);
        }

        // Something waits: at least one has to read it, whatever the minimum.
        var least = Math.Max(1, options.MinConsumers);
        if (desired < least)
        {
            reasons.Add(Text($"{least} is the minimum while records wait"));
        }

        return (int)Math.Max(desired, least);
    }

    private List<PartitionLag> Counted(LagReport report, List<string> reasons)
    {
        var readable = report.Partitions.Where(partition => partition.Halt is null).ToList();
        var halted = report.Partitions.Count(partition => partition.Halt is { IsPause: false });
        if (halted > 0)
        {
            reasons.Add(Text($"{halted} partitions are halted until an operator decides: their lag is left out, since no consumer would read them"));
        }

        if (!options.ExcludePersistentLag)
        {
            return readable;
        }

        var persistent = readable
            .Where(partition => partition.Lag > 0
                && _positionsBefore.TryGetValue(partition.Partition, out var before)
                && before == partition.Position)
            .ToList();
        if (persistent.Count > 0)
        {
            reasons.Add(Text($"the lag of {persistent.Sum(partition => partition.Lag)} in {persistent.Count} partitions whose offsets did not move since the last reading is left out"));
        }

        return [.. readable.Except(persistent)];
    }

    private long LimitToBottleneck(long desired, List<PartitionLag> counted, long total, int current, List<string> reasons)
    {
        var largest = counted.MaxBy(partition => partition.Lag);
        if (largest is null || counted.Count < 2 || largest.Lag <= options.HotPartitionShare * total)
        {
            return desired;
        }

        // Consumers that are there are not advised away while the backlog stands: only adding more would be in vain.
        var helpful = Math.Max(DivideRoundingUp(total, largest.Lag), current);
        return Limit(
            desired,
            helpful,
            Text($"partition {largest.Partition} holds {100.0 * largest.Lag / total:0} % of the lag and one consumer reads it: more would not drain it faster, splitting its hot source would"),
            reasons);
    }

    private static long Limit(long desired, long limit, string reason, List<string> reasons)
    {
        if (desired <= limit)
        {
            return desired;
        }

        reasons.Add(Text($"limited to {limit}: {reason}"));
        return limit;
    }

    private static int DivideRoundingUp(long value, long divisor) => (int)((value + divisor - 1) / divisor);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
