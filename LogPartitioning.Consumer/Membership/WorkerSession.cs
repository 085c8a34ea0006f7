using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Consumer.Membership;

/// <summary>
/// The life of one Kafka consumer, from joining the group to leaving it: the poll loop on its thread, the writer and the
/// committer beside it. When the client cannot go on, the session ends and the worker begins another.
/// </summary>
internal sealed class WorkerSession : IDisposable
{
    /// <summary>What leaving the group may take beyond draining.</summary>
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(6);

    private readonly WorkerServices _services;
    private readonly int _worker;
    private readonly ILogger _log;
    private readonly BatchBuffer _buffer;
    private readonly OffsetCommitter _committer;
    private readonly RebalanceHandler _handler;
    private readonly BatchWriter _writer;
    private readonly PollLoop _loop;
    private readonly IConsumer<byte[]?, byte[]?> _consumer;
    // The session is to be followed by another one.
    private readonly CancellationTokenSource _renew = new();
    private volatile bool _stuck;

    public WorkerSession(WorkerServices services, int worker, RebalanceRecorder recorder)
    {
        _services = services;
        _worker = worker;
        var (options, time, topic) = (services.Options, services.Time, services.Kafka.Topic);
        var name = $"{options.Instance}/{worker}";
        _log = services.Loggers.CreateLogger($"LogPartitioning.Consumer.Worker{worker}");

        _buffer = new(options, time);
        _committer = new(topic, CommitAsync, services.Stores, time, _log);
        var claims = new PartitionClaims(services.Store, services.Topic.ReadAsync, services.Proof.CheckAsync, Assignment, _committer.Enqueue, services.Stores, name, options, time, _log);
        _handler = new(topic, Assignment, claims, _buffer, _committer, recorder, options, time, _log);
        _writer = new(_buffer, services.Store, services.DeadLetters, _committer, recorder, services.Metrics, services.Stores,
            new(topic, services.Kafka.Group, name), topic, options, time, _log);
        _consumer = services.Clients.BuildMember(name, _handler);
        var fences = new FenceCheck(topic, Assignment, CommitAsync, options, time, _log);
        var fetching = new FetchControl(_consumer, topic, _log);
        _handler.Fetching = fetching;
        var halts = new PartitionHalts(services.Store, Assignment, () => services.Topic.Id, _renew.Cancel, time, _log);
        var epochs = new EpochWatch(services.Store, Assignment, _writer.Fence, time);
        _loop = new(_consumer, Assignment, claims, fences, halts, epochs, fetching, new(topic, () => services.Topic.IsCompacted, services.Metrics, _log), new(time, topic),
            _buffer, options, services.Stores, time, _log);
    }

    /// <summary>The partitions of this session.</summary>
    public WorkerAssignment Assignment { get; } = new();

    /// <summary>When the group was last polled.</summary>
    public DateTimeOffset? LastPoll => _loop.LastPoll;

    /// <summary>How long ago the poll loop last came around.</summary>
    public TimeSpan SinceLastTurn => _loop.SinceLastTurn;

    /// <summary>Whether reading is paused because the buffer is full.</summary>
    public bool IsPaused => _loop.IsPaused;

    /// <summary>Whether partitions are being moved.</summary>
    public bool IsRebalancing => _handler.IsActive;

    /// <summary>Records of a partition that are read and not stored.</summary>
    public int BufferedOf(OwnedPartition partition) => _buffer.CountOf(partition);

    /// <summary>
    /// Commits positions again that the brokers have lost: they forget them when a group is idle for long, and anybody who
    /// uses the group's name can move them.
    /// </summary>
    public void CommitAgain(IReadOnlyList<PartitionOffsets> read)
    {
        foreach (var offsets in read)
        {
            // Not what has moved since it was read: that is committed anyway.
            if (Assignment.Partitions.TryGetValue(offsets.Partition, out var partition) && partition.State.IsReading()
                && partition.StoredPosition > 0 && offsets.Stored == partition.StoredPosition && offsets.Committed != partition.StoredPosition)
            {
                _committer.Enqueue(partition.Partition, partition.StoredPosition);
            }
        }
    }

    /// <summary>Runs until stopped, then drains, commits and leaves the group.</summary>
    /// <param name="stop">The instance stops.</param>
    /// <param name="handBack">The worker is to leave the group and join it again.</param>
    /// <exception cref="KafkaException">The client cannot go on.</exception>
    public async Task RunAsync(CancellationToken stop, CancellationToken handBack)
    {
        using var end = new CancellationTokenSource();
        var writing = _writer.RunAsync(end.Token);
        var committing = _committer.RunAsync(end.Token);
        // The writer cannot end by itself before the buffer is completed; if it does, that is a fault to be seen.
        using var halt = CancellationTokenSource.CreateLinkedTokenSource(stop, handBack, _renew.Token);
        _ = writing.ContinueWith(_ => halt.Cancel(), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var polling = RunOnThread(() => PollAndLeave(halt.Token, handBack));
        try
        {
            await WaitForPollingAsync(polling, halt.Token);
        }
        finally
        {
            _buffer.CompleteAdding();
            await end.CancelAsync();
            await Task.WhenAll(writing, committing).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        if (writing.Exception is { } fault)
        {
            throw new InvalidOperationException("The writer has failed.", fault);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _committer.Dispose();
        _renew.Dispose();
        // Disposing a client whose thread still hangs in it would take the process down.
        if (!_stuck)
        {
            _consumer.Dispose();
        }
    }

    private void PollAndLeave(CancellationToken halt, CancellationToken handBack)
    {
        try
        {
            _consumer.Subscribe(_services.Kafka.Topic);
            _loop.Run(halt);
            _handler.Leaving = handBack.IsCancellationRequested || _renew.IsCancellationRequested ? RebalanceCause.Balance : RebalanceCause.Shutdown;
        }
        catch
        {
            _handler.Lost(Assignment.Partitions.Keys);
            throw;
        }
        finally
        {
            // Revokes what is assigned, which drains and commits it, and leaves the group.
            _consumer.Close();
        }
    }

    private async Task WaitForPollingAsync(Task polling, CancellationToken stop)
    {
        await Task.WhenAny(polling, Task.Delay(Timeout.Infinite, stop));
        var timeout = _services.Options.DrainBudget + LeaveTimeout;
        try
        {
            await polling.WaitAsync(timeout, _services.Time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _stuck = true;
            _log.CloseTimedOut(_worker, timeout.TotalSeconds);
        }
    }

    /// <summary>The client's call blocks until the coordinator has answered.</summary>
    private Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken) =>
        Task.Run(() => _consumer.Commit(offsets), cancellationToken);

    private Task RunOnThread(Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                body();
                done.SetResult();
            }
            catch (Exception e)
            {
                // Handed to whoever awaits; on a thread of its own it would end the process.
                done.SetException(e);
            }
        })
        {
            Name = $"poll {_worker}",
            IsBackground = true,
        };
        thread.Start();
        return done.Task;
    }
}
