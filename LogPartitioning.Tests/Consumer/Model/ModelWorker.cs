using System.Collections.Concurrent;
using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Consumer.Writing;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPartitioning.Tests.Consumer.Model;

/// <summary>
/// A worker as it is, but for the client: a poll thread that takes the group's calls and reads the model's log, a writer and a
/// committer, all at once.
/// </summary>
internal sealed class ModelWorker : IDisposable
{
    private readonly Bench _bench;
    private readonly ModelGroup _group;
    private readonly RebalanceHandler _handler;
    private readonly PartitionClaims _claims;
    private readonly FenceCheck _fences;
    private readonly PartitionHalts _halts;
    private readonly OffsetCommitter _committer;
    private readonly BatchWriter _writer;
    private readonly BlockingCollection<(Action Call, TaskCompletionSource Done)> _calls = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private int _decided;

    public ModelWorker(ModelGroup group, string name, MemoryStore store, MemoryLetters letters)
    {
        (_group, Name) = (group, name);
        _bench = new(new() { BatchSize = 10, BufferRecords = 40, BatchDelay = TimeSpan.FromMilliseconds(1), DrainTimeout = TimeSpan.FromSeconds(1) });
        var (options, time, log) = (_bench.Options, TimeProvider.System, NullLogger.Instance);
        _committer = new(Bench.Topic, CommitAsync, _bench.Stores, time, log);
        _claims = new(store, _ => Task.FromResult<string?>(group.TopicId), (c, _) => Task.FromResult(c), _bench.Assignment, _committer.Enqueue, _bench.Stores, name, options, time, log);
        _fences = new(Bench.Topic, _bench.Assignment, CommitAsync, options, time, log);
        _halts = new(store, _bench.Assignment, () => group.TopicId, () => Interlocked.Increment(ref _decided), time, log);
        _handler = new(Bench.Topic, _bench.Assignment, _claims, _bench.Buffer, _committer, _bench.Recorder, options, time, log);
        _writer = new(_bench.Buffer, store, letters, _committer, _bench.Recorder, _bench.Metrics, _bench.Stores, new(Bench.Topic, "group", name), Bench.Topic, options, time, log);
        _running = RunAsync();
    }

    public string Name { get; }

    /// <summary>Writes that were refused.</summary>
    public long Fenced => _bench.Metrics.FencedTotal;

    /// <summary>Records that are read and not stored.</summary>
    public int Buffered => _bench.Buffer.Count;

    /// <summary>The group's call, done on the poll thread as the client does it.</summary>
    public Task AssignAsync(int partition) => CallAsync(() => _handler.Assigned([new(Bench.Topic, partition)]));

    /// <summary>As <see cref="AssignAsync"/>.</summary>
    public Task RevokeAsync(int partition) => CallAsync(() => _handler.Revoked([partition]));

    /// <summary>As <see cref="AssignAsync"/>.</summary>
    public Task LoseAsync(int partition) => CallAsync(() => _handler.Lost([partition]));

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _calls.Dispose();
        _committer.Dispose();
        _bench.Dispose();
    }

    private Task CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets, CancellationToken cancellationToken) =>
        Task.Run(() => _group.Commit(this, offsets), cancellationToken);

    private Task CallAsync(Action call)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls.Add((call, done));
        return done.Task;
    }

    private async Task RunAsync()
    {
        using var end = new CancellationTokenSource();
        var writing = _writer.RunAsync(end.Token);
        var committing = _committer.RunAsync(end.Token);
        await Task.Factory.StartNew(Poll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _bench.Buffer.CompleteAdding();
        await end.CancelAsync();
        await Task.WhenAll(writing, committing).ContinueWith(_ => { }, TaskScheduler.Default);
        Assert.True(writing.IsCanceled || writing.IsCompletedSuccessfully, writing.Exception?.ToString());
    }

    private void Poll()
    {
        while (!_stop.IsCancellationRequested)
        {
            while (_calls.TryTake(out var call))
            {
                call.Call();
                call.Done.SetResult();
            }

            _claims.ClaimWaiting(_stop.Token);
            _fences.CheckFenced(_stop.Token);
            _halts.Check(_stop.Token);
            var read = 0;
            foreach (var partition in _bench.Assignment.Partitions.Values)
            {
                if (partition.State == PartitionState.Positioning)
                {
                    partition.StartReading();
                }

                for (var i = 0; i < 5 && partition.State.IsReading() && partition.ReadPosition < _group.Log.Length && _bench.Buffer.HasRoom; i++)
                {
                    var record = _group.Log.Read(partition.Partition, partition.ReadPosition);
                    if (!_bench.Buffer.TryAdd(partition, record))
                    {
                        break;
                    }

                    partition.MoveRead(record.Offset + 1);
                    read++;
                }
            }

            if (read == 0)
            {
                Thread.Sleep(1);
            }
        }
    }
}
