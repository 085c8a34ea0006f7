using System.Diagnostics.Metrics;
using Confluent.Kafka;
using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.DeadLetters;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Consumer.Writing;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Storage;
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
        Committer = new(Topic, offsets => Brokers.Commit(offsets), Stores, TimeProvider.System, NullLogger.Instance);
        Recorder = new("instance", 0, "group", Rebalances.Add, Metrics, TimeProvider.System);
        Writer = new(Buffer, Store, Letters, Committer, Recorder, Metrics, Stores, new(Topic, "group", "instance/0"), Topic, TimeProvider.System, NullLogger.Instance);
    }

    public ConsumerOptions Options { get; }

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
        Assert.True(owned.Grant(Assert.Single(await Store.ClaimAsync([partition], owner, CancellationToken.None))));
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
        return BufferedRecord.Of(offset, "checkout"u8.ToArray(), new byte[100], "checkout", e, TimeProvider.System.GetTimestamp());
    }

    public static async Task UntilAsync(string what, Func<bool> condition)
    {
        var deadline = DateTime.UtcNow.AddSeconds(20);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within 20 s: {what}");
            await Task.Delay(5);
        }
    }

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

/// <summary>The rules of the store, without a database: epochs, chained positions, all or nothing.</summary>
internal sealed class MemoryStore : IPartitionStore
{
    private readonly Dictionary<int, (long Epoch, long Next, string Owner)> _rows = [];

    /// <summary>Offsets stored, by partition, in the order of writing.</summary>
    public Dictionary<int, List<long>> Stored { get; } = [];

    /// <summary>Called before each write; may throw what a database would.</summary>
    public Action<IReadOnlyList<PartitionBatch>> BeforeWrite { get; set; } = _ => { };

    /// <summary>Called after each write that was applied; may throw, as when a commit's answer is lost.</summary>
    public Action AfterWrite { get; set; } = () => { };

    /// <summary>Called before each claim; may throw.</summary>
    public Action BeforeClaim { get; set; } = () => { };

    public int Writes { get; private set; }

    public long PositionOf(int partition) => _rows[partition].Next;

    public Task<IReadOnlyList<PartitionClaim>> ClaimAsync(IReadOnlyCollection<int> partitions, string owner, CancellationToken cancellationToken)
    {
        BeforeClaim();
        var claims = new List<PartitionClaim>();
        foreach (var partition in partitions)
        {
            var row = _rows.GetValueOrDefault(partition);
            _rows[partition] = (row.Epoch + 1, row.Next, owner);
            claims.Add(new(partition, row.Epoch + 1, row.Next, row.Epoch == 0 ? null : StoredEvents.Start));
        }
        return Task.FromResult<IReadOnlyList<PartitionClaim>>(claims);
    }

    public Task<BatchOutcome> WriteAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        Writes++;
        BeforeWrite(batches);
        var unmoved = batches.Where(b => _rows[b.Partition].Epoch != b.Epoch || _rows[b.Partition].Next != b.Start).ToList();
        if (unmoved.Count > 0)
        {
            var applied = unmoved.Where(b => _rows[b.Partition].Epoch == b.Epoch && _rows[b.Partition].Next == b.End).ToList();
            return Task.FromResult(new BatchOutcome
            {
                AlreadyApplied = [.. applied.Select(b => b.Partition)],
                Fenced = [.. unmoved.Except(applied).Select(b => new FencedPartition(b.Partition, _rows[b.Partition].Owner, _rows[b.Partition].Epoch, _rows[b.Partition].Next))],
            });
        }
        foreach (var batch in batches)
        {
            _rows[batch.Partition] = _rows[batch.Partition] with { Next = batch.End };
            (Stored.TryGetValue(batch.Partition, out var list) ? list : Stored[batch.Partition] = []).AddRange(batch.Records.Select(r => r.Offset));
        }
        AfterWrite();
        return Task.FromResult(new BatchOutcome { Stored = batches.ToDictionary(b => b.Partition, b => b.Records.Count), At = StoredEvents.Start.AddSeconds(3) });
    }
}

/// <summary>The brokers' side of commits.</summary>
internal sealed class MemoryBrokers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _committed = [];

    public ErrorCode? Refusal { get; set; }

    public int Attempts { get; private set; }

    public IReadOnlyDictionary<int, long> Committed
    {
        get
        {
            lock (_lock)
            {
                return new Dictionary<int, long>(_committed);
            }
        }
    }

    public void Commit(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        lock (_lock)
        {
            Attempts++;
            if (Refusal is { } refusal)
            {
                throw new KafkaException(refusal);
            }
            foreach (var offset in offsets)
            {
                _committed[offset.Partition.Value] = offset.Offset.Value;
            }
        }
    }
}

/// <summary>A dead letter topic.</summary>
internal sealed class MemoryLetters : IDeadLetterSink
{
    public List<DeadLetter> Sent { get; } = [];

    /// <summary>Dead letters that were sent, acknowledged or not.</summary>
    public int Attempts { get; private set; }

    /// <summary>Completed when the brokers take dead letters.</summary>
    public Task Open { get; set; } = Task.CompletedTask;

    public async Task SendAsync(IReadOnlyList<BatchSlice> slices, CancellationToken cancellationToken)
    {
        foreach (var record in slices.Where(s => s.IsWritable).SelectMany(s => s.Records).Where(r => r is { Letter: not null, LetterAcknowledged: false }))
        {
            Attempts++;
            await Open.WaitAsync(cancellationToken);
            Sent.Add(record.Letter!);
            record.LetterAcknowledged = true;
        }
    }
}
