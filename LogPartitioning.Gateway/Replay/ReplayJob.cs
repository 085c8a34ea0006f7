using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;

namespace LogPartitioning.Gateway.Replay;

/// <summary>Where a replay stands.</summary>
internal enum ReplayState
{
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>One replay. Written by its run, read by requests.</summary>
internal sealed class ReplayJob
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop;
    private volatile Snapshot _now;

    public ReplayJob(ReplayRequest request, IReadOnlyList<OffsetRange> ranges, TimeProvider time, CancellationToken stopping)
    {
        _time = time;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Id = Guid.CreateVersion7(time.GetUtcNow());
        Request = request;
        Ranges = ranges;
        StartedAt = time.GetUtcNow();
        _now = new Snapshot(ReplayState.Running, ReplayProgress.Start(ranges), null, null);
    }

    public Guid Id { get; }

    public ReplayRequest Request { get; }

    public IReadOnlyList<OffsetRange> Ranges { get; }

    public DateTimeOffset StartedAt { get; }

    public Snapshot Now => _now;

    /// <summary>Ends the replay between two batches.</summary>
    public CancellationToken Stopping => _stop.Token;

    public void Cancel() => _stop.Cancel();

    public void Report(ReplayProgress progress) => _now = _now with { Progress = progress };

    public void End(ReplayState state, string? error) =>
        _now = _now with { State = state, Error = error, EndedAt = _time.GetUtcNow() };

    /// <summary>The replay at one moment.</summary>
    public sealed record Snapshot(ReplayState State, ReplayProgress Progress, string? Error, DateTimeOffset? EndedAt);
}
