using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Consumer.Membership;

/// <summary>One member of the group. It keeps a session running: when one fails, another begins after a growing wait.</summary>
internal sealed class Worker
{
    private static readonly TimeSpan FirstRestart = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRestart = TimeSpan.FromSeconds(30);
    /// <summary>After a session that lasted this long, a failure is answered with the shortest wait again.</summary>
    private static readonly TimeSpan GoodSession = TimeSpan.FromMinutes(2);

    private readonly WorkerServices _services;
    private readonly RebalanceRecorder _recorder;
    private readonly ILogger _log;
    private volatile WorkerSession? _session;
    private volatile CancellationTokenSource? _handBack;
    private long _begun;
    private volatile bool _stopping;
    private volatile bool _stopped;

    public Worker(WorkerServices services, int number)
    {
        _services = services;
        _begun = services.Time.GetTimestamp();
        Number = number;
        Name = $"{services.Options.Instance}/{number}";
        _log = services.Loggers.CreateLogger($"LogPartitioning.Consumer.Worker{number}");
        _recorder = new(services.Options.Instance, number, services.Kafka.Group, services.Rebalances.Record, services.Metrics, services.Time);
    }

    /// <summary>The worker's number in the instance, from 0.</summary>
    public int Number { get; }

    /// <summary>What it is called in the group, <c>instance/worker</c>.</summary>
    public string Name { get; }

    /// <summary>The partitions that it owns now, ascending.</summary>
    public IReadOnlyList<OwnedPartition> Partitions => [.. _session?.Assignment.Partitions.Values ?? []];

    /// <summary>Its state as the group's live view shows it.</summary>
    public WorkerState Describe()
    {
        var session = _session;
        return new(Number, Name, StateOf(session), [.. Partitions.Select(p => p.Partition)], session?.LastPoll);
    }

    /// <summary>How far its partitions have come.</summary>
    public IEnumerable<PartitionProgress> Progress() => _session is not { } session
        ? []
        : session.Assignment.Partitions.Values.Select(p => new PartitionProgress(
            p.Partition, p.StoredPosition, p.Epoch, session.BufferedOf(p), p.State == PartitionState.Paused, p.LastBatchAt));

    /// <summary>
    /// How long the worker has given no sign of life: its loop has not come around, and it has not begun anew. A worker that
    /// is to stop need not give any.
    /// </summary>
    public TimeSpan Silence => _stopping ? TimeSpan.Zero
        : _session?.SinceLastTurn ?? _services.Time.GetElapsedTime(Interlocked.Read(ref _begun));

    /// <summary>Commits positions again that the brokers have lost.</summary>
    public void CommitAgain(IReadOnlyList<PartitionOffsets> read) => _session?.CommitAgain(read);

    /// <summary>Drains, commits and leaves the group, then joins it again: what it owned is assigned again.</summary>
    public void HandBack()
    {
        try
        {
            _handBack?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Its session has just ended by itself.
        }
    }

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var stopping = stop.Register(() => _stopping = true);
        var backoff = new Backoff(FirstRestart, LongestRestart);
        while (!stop.IsCancellationRequested)
        {
            var started = _services.Time.GetTimestamp();
            Interlocked.Exchange(ref _begun, started);
            try
            {
                using var session = new WorkerSession(_services, Number, _recorder);
                _session = session;
                using var handBack = new CancellationTokenSource();
                _handBack = handBack;
                await session.RunAsync(stop, handBack.Token);
            }
            catch (Exception e)
            {
                // Whatever it was, a member of the group must not stay away for it.
                if (_services.Time.GetElapsedTime(started) > GoodSession)
                {
                    backoff.Reset();
                }
                var wait = backoff.Next();
                _log.WorkerFailed(e, Number, wait.TotalSeconds);
                await Task.Delay(wait, _services.Time, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            finally
            {
                _handBack = null;
                _session = null;
            }
        }
        _stopped = true;
    }

    private string StateOf(WorkerSession? session) => session switch
    {
        _ when _stopped => "stopped",
        _ when _stopping => "draining",
        null => "starting",
        { LastPoll: null } => "starting",
        { IsRebalancing: true } => "rebalancing",
        { IsPaused: true } => "paused",
        _ => "running",
    };
}
