using Microsoft.Extensions.Logging;

namespace LogPartitioning.Core.Lag;

/// <summary>
/// Reads a group's lag every <see cref="LagOptions.Interval"/> and judges it. A consumer instance runs one and shows of its
/// report what it owns; the gateway runs one and shows all.
/// </summary>
public sealed partial class LagMonitor(
    IGroupOffsetsSource source,
    LagOptions options,
    TimeProvider time,
    ILogger<LagMonitor> logger) : IDisposable
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<int, PartitionWindow> _windows = [];
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile LagReport? _current;
    private volatile string? _problem;

    /// <summary>The last report; null before the first reading.</summary>
    public LagReport? Current => _current;

    /// <summary>Why the last reading failed; null when it went well. <see cref="Current"/> is then as old as its time says.</summary>
    public string? Problem => _problem;

    /// <summary>Raised after each reading, on the reader's thread: handlers must be quick.</summary>
    public event Action<LagReport>? Reported;

    /// <summary>Reads at once and then at every interval, until cancelled. A reading that fails is logged and tried again soon.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var started = time.GetTimestamp();
            var interval = options.Interval;
            try
            {
                await RefreshAsync(cancellationToken);
            }
            catch (GroupOffsetsException)
            {
                // RefreshAsync has logged and kept it. Brokers that have just come up need not be waited for a whole interval.
                interval = options.Interval < s_retry ? options.Interval : s_retry;
            }

            // From start to start, so that the intervals are even; a reading that takes longer than that is followed by a short wait.
            var wait = interval - time.GetElapsedTime(started);
            await Task.Delay(wait > s_shortestWait ? wait : s_shortestWait, time, cancellationToken);
        }
    }

    /// <summary>Reads now.</summary>
    /// <exception cref="GroupOffsetsException">The brokers did not answer in time, or not for every partition.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async Task<LagReport> RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var offsets = await ReadAsync(cancellationToken);
            var report = Evaluate(offsets);
            if (_current is { } before && before.Verdict != report.Verdict)
            {
                LogVerdict(logger, report.Group, before.Verdict, report.Verdict, report.Reason);
            }

            if (Interlocked.Exchange(ref _problem, null) is not null)
            {
                LogReadAgain(logger, source.Group);
            }

            _current = report;
            Reported?.Invoke(report);
            return report;
        }
        catch (GroupOffsetsException e)
        {
            if (Interlocked.Exchange(ref _problem, e.Message) is null)
            {
                LogNotRead(logger, e.InnerException is { } cause ? $"{e.Message}: {cause.Message}" : e.Message);
            }

            throw;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _reading.Dispose();

    private async Task<GroupOffsets> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(cancellationToken).WaitAsync(options.Timeout, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new GroupOffsetsException($"The brokers did not tell the offsets of group {source.Group} within {options.Timeout.TotalSeconds:0.###} s", e);
        }
    }

    private LagReport Evaluate(GroupOffsets offsets)
    {
        var partitions = offsets.Partitions.Select(partition => Evaluate(partition, offsets)).ToList();
        var worst = partitions.MaxBy(partition => partition.Verdict);
        var verdict = worst?.Verdict ?? LagVerdict.Ok;
        var total = partitions.Sum(partition => partition.Lag);
        return new(
            source.Group,
            source.Topic,
            offsets.At,
            total,
            verdict,
            GroupReason(offsets, partitions, verdict, total),
            partitions.Any(partition => partition.Drain == DrainEstimate.Unknown)
                ? DrainEstimate.Unknown
                : DrainEstimate.From(total, partitions.Sum(partition => partition.ConsumedPerSecond), partitions.Sum(partition => partition.ArrivingPerSecond)),
            offsets,
            partitions);
    }

    private PartitionLag Evaluate(PartitionOffsets partition, GroupOffsets offsets)
    {
        var at = offsets.At;
        if (!_windows.TryGetValue(partition.Partition, out var window))
        {
            _windows[partition.Partition] = window = new(options.Window);
        }

        // While a group rebalances the brokers tell no assignment, though cooperative members go on reading what they have.
        var owner = partition.Owner ?? (offsets.IsRebalancing ? window.LastOwner : null);
        window.Add(new(at, partition.End, partition.Position, partition.Lag, owner, partition.Halt, partition.StableEnd));
        var (verdict, reason) = LagEvaluator.Judge(window.Samples, options.Window, options.AllowedLag);
        var first = window.Samples.First();
        var last = window.Samples.Last();
        var seconds = (last.At - first.At).TotalSeconds;
        var arriving = seconds > 0 ? Math.Max(0, last.End - first.End) / seconds : 0;
        var consumed = seconds > 0 ? Math.Max(0, last.Position - first.Position) / seconds : 0;
        var (age, atLeast) = window.Timeline.AgeOf(last.Position, at);
        return new(
            partition.Partition,
            partition.Beginning,
            partition.End,
            partition.Committed,
            partition.Stored,
            partition.Lag,
            Math.Round(age.TotalSeconds, 3),
            atLeast,
            owner,
            verdict,
            reason,
            Math.Round(arriving, 3),
            Math.Round(consumed, 3),
            partition.Lag > 0 && seconds <= 0 ? DrainEstimate.Unknown : DrainEstimate.From(partition.Lag, consumed, arriving),
            partition.Halt,
            partition.Lost);
    }

    private static string GroupReason(GroupOffsets offsets, List<PartitionLag> partitions, LagVerdict verdict, long total)
    {
        if (verdict == LagVerdict.Ok)
        {
            return total == 0 ? "nothing waits" : FormattableString.Invariant($"{LagEvaluator.Waiting(total)}, and the lag falls or is too young to judge");
        }

        if (verdict == LagVerdict.Stop && offsets.Members.Count == 0)
        {
            return FormattableString.Invariant($"no consumer is in the group and {LagEvaluator.Waiting(total)}");
        }

        var bad = partitions.Where(partition => partition.Verdict == verdict).ToList();
        var worst = bad.MaxBy(partition => partition.Lag)!;
        return FormattableString.Invariant($"{bad.Count} of {partitions.Count} partitions; partition {worst.Partition}: {worst.Reason}");
    }

    [LoggerMessage(2101, LogLevel.Information, "The verdict on the lag of group {Group} went from {Before} to {Verdict}: {Reason}")]
    private static partial void LogVerdict(ILogger logger, string group, LagVerdict before, LagVerdict verdict, string reason);

    [LoggerMessage(2102, LogLevel.Warning, "{Problem}. Lag views keep the last reading until the brokers answer.")]
    private static partial void LogNotRead(ILogger logger, string problem);

    [LoggerMessage(2103, LogLevel.Information, "The offsets of group {Group} can be read again")]
    private static partial void LogReadAgain(ILogger logger, string group);
}
