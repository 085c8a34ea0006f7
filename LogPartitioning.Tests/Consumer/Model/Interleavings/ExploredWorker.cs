using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Consumer.Model.Interleavings;

/// <summary>
/// A worker as it is, but for the client, on one thread: what its poll thread and its tasks do next is done when it is called for.
/// </summary>
internal sealed class ExploredWorker : IDisposable
{
    /// <summary>Longer than any wait between two attempts.</summary>
    private static readonly TimeSpan LongTime = TimeSpan.FromSeconds(31);

    // A clock for each kind of wait: how long the waits are is chance, and must not decide about their order.
    private readonly FakeTimeProvider[] _clocks = [new(), new(), new()];
    private readonly Exploration _world;
    private readonly Turns _turns = new();
    private readonly Bench _bench;
    private readonly RebalanceHandler _handler;
    private readonly PartitionClaims _claims;
    private readonly FenceCheck _fences;
    private readonly PartitionHalts _halts;
    private readonly OffsetCommitter _committer;
    private readonly Task _writing;
    // The halted partitions that are about to be put on record and asked about.
    private List<OwnedPartition> _asking = [];

    public ExploredWorker(Exploration world, MemoryStore rows, MemoryLetters letters, string name)
    {
        _world = world;
        Store = new(rows, AskForDecision);
        // What is read is due at once, and a revoke never waits: the time in between is the writer's turns.
        _bench = new(new() { BatchSize = 3, BufferRecords = 6, BatchDelay = TimeSpan.Zero, DrainTimeout = TimeSpan.Zero, RefusalWindow = 3, RefusalShare = 0.5 });
        var (options, log) = (_bench.Options, NullLogger.Instance);
        _committer = new(Bench.Topic, CommitAsync, _bench.Stores, _clocks[0], log);
        _claims = new(Store, _ => Task.FromResult(world.SeeTopic()), (c, _) => Task.FromResult(c), _bench.Assignment, _committer.Enqueue, _bench.Stores, name, options, _clocks[1], log);
        _fences = new(Bench.Topic, _bench.Assignment, CommitAsync, options, _clocks[2], log);
        _halts = new(Store, _bench.Assignment, () => world.SeenTopic, () => MustLeave = true, _clocks[2], log);
        _handler = new(Bench.Topic, _bench.Assignment, _claims, _bench.Buffer, _committer, _bench.Recorder, options, _clocks[1], log);
        BatchWriter writer = new(_bench.Buffer, Store, letters, _committer, _bench.Recorder, _bench.Metrics, _bench.Stores, new(Bench.Topic, "group", name), Bench.Topic, options, _clocks[0], log);
        Task? writing = null;
        _turns.Do(() => writing = writer.RunAsync(CancellationToken.None));
        _writing = writing!;
    }

    public ExploredStore Store { get; }

    /// <summary>The partition that it is asked for; its poll thread waits in the client's call until it lets it go.</summary>
    public int? Revoking { get; private set; }

    /// <summary>Whether its session has to end: an operator has decided, or it stays fenced.</summary>
    public bool MustLeave { get; private set; }

    public long Fenced => _bench.Metrics.FencedTotal;

    /// <summary>Why its writer has ended; null while it runs.</summary>
    public string? Failure => _writing.IsCompleted ? $"The writer has ended: {_writing.Exception?.GetBaseException()}" : null;

    public IEnumerable<PartitionState> States => _bench.Assignment.Partitions.Values.Select(p => p.State);

    public bool Holds(int partition) => _bench.Assignment.Partitions.ContainsKey(partition);

    public void Assign(int partition) => _turns.Do(() => _handler.Assigned([new(Bench.Topic, partition)]));

    public void Lose(int partition) => _turns.Do(() => _handler.Lost([partition]));

    /// <summary>What <see cref="RebalanceHandler.Revoked"/> begins with; it ends with <see cref="Release"/>.</summary>
    public void Revoke(int partition)
    {
        Revoking = partition;
        _turns.Do(() =>
        {
            _bench.Assignment.Partitions[partition].Drain();
            _bench.Buffer.WakeWriter();
        });
    }

    public int Release()
    {
        var partition = Revoking!.Value;
        Revoking = null;
        _turns.Do(() => _handler.Revoked([partition]));
        return partition;
    }

    public void Leave() => _turns.Do(() => _handler.Revoked([.. _bench.Assignment.Partitions.Keys]));

    public bool Continue() => _turns.Next();

    public void Commit() => _turns.Do(() => Assert.True(_committer.CommitAsync(_ => true, CancellationToken.None).IsCompleted));

    public void Wait() => Array.ForEach(_clocks, clock => clock.Advance(LongTime));

    public void Dispose()
    {
        _committer.Dispose();
        _bench.Dispose();
    }

    public void Poll() => _turns.Do(() =>
    {
        _claims.ClaimWaiting(CancellationToken.None);
        MustLeave |= !_fences.CheckFenced(CancellationToken.None);
        _halts.Check(CancellationToken.None);
        _asking = _asking.Count > 0 ? _asking : [.. _bench.Assignment.Partitions.Values.Where(p => p.State == PartitionState.Halted)];
        foreach (var partition in _bench.Assignment.Partitions.Values)
        {
            partition.StartReading();
            if (partition.State.IsReading() && _bench.Buffer.HasRoom && _world.Read(partition) is { } record)
            {
                Take(partition, record);
            }
        }
    });

    /// <summary>As <see cref="PollLoop"/> does it.</summary>
    private void Take(OwnedPartition partition, BufferedRecord record)
    {
        if (record.Letter is null)
        {
            partition.Refusals.Accepted(1, _bench.Options.RefusalWindow);
        }
        else if (record.Offset >= partition.PassingUntil && partition.Refusals.Exceeds(_bench.Options.RefusalWindow, _bench.Options.RefusalShare))
        {
            partition.Halt(new(HaltCause.TooManyRefused, "too many"));
            _world.Trip(partition, record.Offset, _bench.Options.RefusalWindow, _bench.Options.RefusalShare);
            return;
        }

        if (_bench.Buffer.TryAdd(partition, record))
        {
            partition.MoveRead(record.Offset + 1);
        }
    }

    private void AskForDecision()
    {
        _asking.Where(p => p.State == PartitionState.Halted).ToList().ForEach(_world.AskForDecision);
        _asking = [];
    }

    private Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken)
    {
        _world.Commit(this, offsets);
        return Task.CompletedTask;
    }
}
