using System.Diagnostics.Metrics;
using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Consumer.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPartitioning.Tests.Consumer;

/// <summary>A worker's parts around a store, brokers and a dead letter topic that are lists in memory.</summary>
internal sealed class Bench : IDisposable
{
    public const string Topic = "topic";

    private readonly MeterFactory _meters = new();

    public Bench(ConsumerOptions? options = null)
    {
        Options = options ?? new() { BatchSize = 10, BufferRecords = 20, BatchDelay = TimeSpan.FromMilliseconds(1) };
        Buffer = new(Options, TimeProvider.System);
        Metrics = new(_meters);
        Committer = new(Topic, Brokers.CommitAsync, Stores, TimeProvider.System, NullLogger.Instance);
        Recorder = new("instance", 0, "group", Rebalances.Add, Metrics, TimeProvider.System);
        Writer = new(Buffer, Store, Letters, Committer, Recorder, Metrics, Stores, new(Topic, "group", "instance/0"), Topic, Options, TimeProvider.System, NullLogger.Instance);
    }

    public ConsumerOptions Options { get; }

    /// <summary>The topic that the brokers have.</summary>
    public string? TopicId { get; set; }

    public MemoryStore Store { get; } = new();

    public MemoryBrokers Brokers { get; } = new();

    public MemoryLetters Letters { get; } = new();

    public List<RebalanceEvent> Rebalances { get; } = [];

    public StoreStates Stores { get; } = new();

    public WorkerAssignment Assignment { get; } = new();

    public BatchBuffer Buffer { get; }

    public ConsumerMetrics Metrics { get; }

    public OffsetCommitter Committer { get; }

    public RebalanceRecorder Recorder { get; }

    public BatchWriter Writer { get; }

    /// <summary>A partition that is assigned, claimed and read.</summary>
    public async Task<OwnedPartition> OwnAsync(int partition, string owner = "me")
    {
        var owned = new OwnedPartition(partition);
        Assert.True(owned.Grant(Assert.Single(await Store.ClaimAsync([partition], owner, TopicId, CancellationToken.None))));
        Assert.True(owned.StartReading());
        Assignment.Add([owned]);
        return owned;
    }

    public void Read(OwnedPartition partition, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(Buffer.TryAdd(partition, Record(partition.ReadPosition)));
            partition.MoveRead(partition.ReadPosition + 1);
        }
    }

    public void ReadLetter(OwnedPartition partition)
    {
        Assert.True(Buffer.TryAdd(partition, BufferedRecord.Of(
            new DeadLetter(Topic, partition.Partition, partition.ReadPosition, DeadLetterReason.EmptyValue, null, StoredEvents.Start, null, []), TimeProvider.System.GetTimestamp())));
        partition.MoveRead(partition.ReadPosition + 1);
    }

    /// <summary>Writes what is in the buffer.</summary>
    public async Task WriteAllAsync()
    {
        Buffer.CompleteAdding();
        await Writer.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
    }

    public static BufferedRecord Record(long offset, string message = "m")
    {
        var e = StoredEvents.Event(message: message);
        return BufferedRecord.Of(new LogRecord(offset, "checkout", e), new byte[100], TimeProvider.System.GetTimestamp());
    }

    public static Task UntilAsync(string what, Func<bool> condition) => Eventually.TrueAsync(what, condition, TimeSpan.FromSeconds(20));

    public void Dispose()
    {
        Committer.Dispose();
        _meters.Dispose();
    }

    private sealed class MeterFactory : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(m => m.Dispose());
    }
}
