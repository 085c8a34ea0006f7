using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Model.Interleavings;

/// <summary>
/// Two workers and two partitions of a few records, a store, and brokers, on one thread. The seed says what the records are; the
/// moves say everything else, so the same moves end the same way.
/// </summary>
/// <param name="seed">What the topic holds.</param>
/// <param name="change">What is done to a batch on its way to the store, to show that a store which did that would be found out.</param>
internal sealed class Exploration(int seed, Func<MemoryStore, PartitionBatch, PartitionBatch>? change = null) : IDisposable
{
    private const int Workers = 2;
    private const int Partitions = 2;
    private const int Length = 10;

    private readonly Dictionary<string, ModelLog> _logs = new[] { "first", "second" }.Index().ToDictionary(
        topic => topic.Item, topic => new ModelLog(Partitions, Length, seed * 10 + topic.Index * 5, topic.Item, oneIn: 6));

    private readonly MemoryStore _rows = new();
    private readonly MemoryLetters _letters = new();
    private readonly ExploredWorker?[] _workers = new ExploredWorker?[Workers];
    private readonly ExploredWorker?[] _owners = new ExploredWorker?[Partitions];
    private readonly long[] _committed = new long[Partitions];
    private readonly long[] _givenUp = new long[Partitions];
    private readonly HashSet<int> _undecided = [];
    private readonly Queue<PendingWrite> _late = [];
    private string _topic = "first";
    private int _started;

    /// <summary>The topic's id as the workers last saw it.</summary>
    public string SeenTopic { get; private set; } = "first";

    /// <summary>The first rule that was broken; null while none is.</summary>
    public string? Broken { get; private set; }

    /// <summary>What was seen, how often: whether all that was to be tried was tried.</summary>
    public Dictionary<string, int> Seen { get; } = [];

    /// <summary>Makes moves at random.</summary>
    /// <returns>Those that were possible.</returns>
    public List<Move> Wander(int moves)
    {
        var random = new Random(seed);
        var made = new List<Move>();
        for (var i = 0; i < moves && Broken is null; i++)
        {
            var move = Move.Any(random, Workers, Partitions);
            if (Make(move))
            {
                made.Add(move);
            }
        }

        return made;
    }

    /// <summary>Makes a move.</summary>
    /// <returns>False when it is not possible now.</returns>
    public bool Make(Move move)
    {
        var worker = _workers[move.Worker] ??= new(this, _rows, _letters, $"w{move.Worker}/{_started++}");
        if (!TryMake(move, worker))
        {
            return false;
        }

        See($"{move.Kind}");
        foreach (var state in worker.States)
        {
            See($"{state}");
        }

        Broken ??= worker.Failure;
        return true;
    }

    /// <summary>Lets everything go on undisturbed: in the end all is stored, and committed.</summary>
    public void ComeToRest()
    {
        for (var round = 0; round < 100 && Broken is null && !IsAtRest; round++)
        {
            MakeAll(MoveKind.Release, MoveKind.Notice, MoveKind.Decide, MoveKind.Hear);
            for (var n = 0; n < Workers; n++)
            {
                if (_workers[n] is { MustLeave: true })
                {
                    Make(new(MoveKind.Stop, n, 0));
                }
            }

            MakeAll(MoveKind.Assign, MoveKind.Poll, MoveKind.Continue, MoveKind.Apply, MoveKind.Answer, MoveKind.Continue, MoveKind.Commit, MoveKind.Wait, MoveKind.Continue);
        }

        if (!IsAtRest)
        {
            Broken ??= $"It does not come to rest: stored up to {string.Join(" and ", Enumerable.Range(0, Partitions).Select(p => $"{_rows.PositionOf(p)} of {_rows.TopicOf(p)}"))}, "
                + $"committed {string.Join(" and ", _committed)}, states {string.Join(' ', _workers.SelectMany(w => w?.States ?? []))}";
        }
    }

    /// <summary>The topic's id at the brokers.</summary>
    public string? SeeTopic() => SeenTopic = _topic;

    /// <summary>What the client has next of a partition; null where it has nothing.</summary>
    /// <remarks>It is taken for granted that nothing of the new topic is read before its id is seen.</remarks>
    public BufferedRecord? Read(OwnedPartition partition) =>
        partition.TopicId == _topic && partition.ReadPosition < Length ? _logs[_topic].Read(partition.Partition, partition.ReadPosition) : null;

    /// <summary>A worker stops reading a partition because of its refused records.</summary>
    public void Trip(OwnedPartition partition, long offset, int window, double share)
    {
        _undecided.Add(partition.Partition);
        var log = _logs[partition.TopicId!];
        var refused = log.NoEvents(partition.Partition).ToHashSet();
        var last = log.Events(partition.Partition).Concat(refused).Where(at => at <= offset).OrderDescending().Take(window).ToList();
        if (last.Count(refused.Contains) <= window * share)
        {
            Broken ??= $"p{partition.Partition} was halted at {offset}, and of {string.Join(' ', last.Order())} are refused {string.Join(' ', last.Where(refused.Contains).Order())}";
        }
    }

    /// <summary>A worker asks whether an operator has decided about a halted partition: it goes on when no halt is on record.</summary>
    public void AskForDecision(OwnedPartition halted)
    {
        if (_undecided.Contains(halted.Partition) && halted.Epoch == _rows.EpochOf(halted.Partition) && _rows.HaltOf(halted.Partition) is null)
        {
            Broken ??= $"p{halted.Partition} is halted, that is not on record, and nobody has decided about it";
        }
    }

    /// <summary>The brokers take commits from the owner alone.</summary>
    public void Commit(ExploredWorker worker, IReadOnlyList<TopicPartitionOffset> offsets)
    {
        foreach (var offset in offsets)
        {
            var partition = offset.Partition.Value;
            if (_owners[partition] != worker)
            {
                throw new KafkaException(ErrorCode.UnknownMemberId);
            }

            // Of a log that an operator has given up meanwhile the last commit may still be under way; the next claim puts that right.
            if (offset.Offset.Value > Math.Max(_rows.PositionOf(partition), _givenUp[partition]))
            {
                Broken ??= $"{offset.Offset} of p{partition} was committed, and the store stands at {_rows.PositionOf(partition)}";
            }

            _committed[partition] = offset.Offset.Value;
        }
    }

    public void Dispose() => Array.ForEach(_workers, worker => worker?.Dispose());

    private bool IsAtRest => Enumerable.Range(0, Partitions).All(p => _rows.PositionOf(p) == Length && _rows.TopicOf(p) == _topic && _committed[p] == Length);

    private void MakeAll(params MoveKind[] kinds)
    {
        foreach (var kind in kinds)
        {
            for (var n = 0; n < Workers * Partitions; n++)
            {
                while (Make(new(kind, n % Workers, n / Workers)) && kind == MoveKind.Continue)
                {
                    // To the last of it.
                }
            }
        }
    }

    private bool TryMake(Move move, ExploredWorker worker)
    {
        var partition = move.Partition;
        switch (move.Kind)
        {
            case MoveKind.Assign when _owners[partition] is null && !worker.Holds(partition) && worker.Revoking is null:
                _owners[partition] = worker;
                worker.Assign(partition);
                return true;
            case MoveKind.Poll when worker.Revoking is null && !worker.MustLeave:
                worker.Poll();
                return true;
            case MoveKind.Continue:
                return worker.Continue();
            case MoveKind.Apply when worker.Store.Pending is { IsDone: false } write:
                Apply(write);
                return true;
            case MoveKind.Answer when worker.Store.Pending is { IsDone: true }:
                worker.Store.Answer(broken: false);
                return true;
            case MoveKind.Cut when worker.Store.Pending is not null:
                if (worker.Store.Answer(broken: true) is { IsDone: false } cut)
                {
                    _late.Enqueue(cut);
                }

                return true;
            case MoveKind.Late when _late.TryDequeue(out var late):
                Apply(late);
                return true;
            case MoveKind.Commit:
                worker.Commit();
                return true;
            case MoveKind.Revoke when _owners[partition] == worker && worker.Revoking is null:
                worker.Revoke(partition);
                return true;
            case MoveKind.Release when worker.Revoking is not null:
                Free(worker.Release(), worker);
                return true;
            case MoveKind.Expire when _owners[partition] is not null:
                _owners[partition] = null;
                return true;
            case MoveKind.Hear when worker.Holds(partition) && _owners[partition] != worker && worker.Revoking is null:
                worker.Lose(partition);
                return true;
            case MoveKind.Stop when worker.Revoking is null:
                worker.Leave();
                Remove(move.Worker, worker);
                return true;
            case MoveKind.Kill:
                Remove(move.Worker, worker);
                return true;
            case MoveKind.RefuseClaim when !worker.Store.RefusesClaim:
                worker.Store.RefusesClaim = true;
                return true;
            case MoveKind.Stranger:
                _rows.ClaimAsync([partition], "stranger", _topic, CancellationToken.None);
                return true;
            case MoveKind.Replace when _topic == "first":
                _topic = "second";
                return true;
            case MoveKind.Notice when SeenTopic != _topic:
                SeeTopic();
                return true;
            case MoveKind.Decide when _rows.HaltOf(partition) is { } halt:
                Decide(partition, halt);
                return true;
            case MoveKind.Wait:
                Array.ForEach(_workers, w => w?.Wait());
                return true;
            default:
                return false;
        }
    }

    private void Decide(int partition, PartitionHalt halt)
    {
        _undecided.Remove(partition);
        See(halt.Cause);
        if (halt.Cause == HaltCause.LogReplaced)
        {
            _givenUp[partition] = _rows.PositionOf(partition);
            _rows.StartAgain(partition, _topic);
        }
        else
        {
            _rows.SetAside(partition, Length);
        }
    }

    private void Remove(int number, ExploredWorker worker)
    {
        for (var partition = 0; partition < Partitions; partition++)
        {
            Free(partition, worker);
        }

        if (worker.Store.Pending is { IsDone: false } write)
        {
            _late.Enqueue(write);
        }

        See("fenced", (int)worker.Fenced);
        worker.Dispose();
        _workers[number] = null;
    }

    private void Free(int partition, ExploredWorker worker)
    {
        if (_owners[partition] == worker)
        {
            _owners[partition] = null;
        }
    }

    /// <summary>The store does a write, and is looked at: what the position passes is stored, or a dead letter, each once and in order.</summary>
    private void Apply(PendingWrite write)
    {
        if (write.Batches.Any(batch => batch.Records.Any(record => IsRefused(batch.Partition, record.Offset))))
        {
            See("refused by the store");
            write.Refusal = new PostgresException("not this one", "ERROR", "ERROR", PostgresErrorCodes.CharacterNotInRepertoire);
            return;
        }

        var before = write.Batches.ToDictionary(batch => batch.Partition, batch => _rows.PositionOf(batch.Partition));
        var sent = change is null ? write.Batches : [.. write.Batches.Select(batch => change(_rows, batch))];
        write.Outcome = _rows.WriteAsync(sent, CancellationToken.None).Result;
        if (!write.Outcome.Committed)
        {
            return;
        }

        foreach (var batch in write.Batches)
        {
            Broken ??= ProblemOf(batch, before[batch.Partition]);
        }
    }

    private string? ProblemOf(PartitionBatch batch, long before)
    {
        var (partition, topic) = (batch.Partition, _rows.TopicOf(batch.Partition)!);
        var passed = (long offset) => offset >= before && offset < batch.End;
        var (events, log) = (_logs[topic].Events(partition).Where(passed).ToList(), _logs[topic]);
        var stored = events.Where(offset => !IsRefused(partition, offset));
        var letters = _letters.Sent.Where(l => l.Partition == partition && l.TopicId == topic).Select(l => l.Offset).ToHashSet();
        var missing = log.NoEvents(partition).Where(passed).Concat(events.Where(offset => IsRefused(partition, offset))).Where(offset => !letters.Contains(offset)).ToList();
        return batch.End <= before ? $"p{partition} went back from {before} to {batch.End}"
            : batch.Records.FirstOrDefault(r => r.ToEvent().Message != topic) is { } foreign ? $"offset {foreign.Offset} of the {foreign.ToEvent().Message} topic was stored as one of the {topic}"
            : !batch.Records.Select(r => r.Offset).SequenceEqual(stored) ? $"p{partition} went from {before} to {batch.End} with {string.Join(' ', batch.Records.Select(r => r.Offset))} stored instead of {string.Join(' ', stored)}"
            : missing.Count > 0 ? $"p{partition} went from {before} to {batch.End} without dead letters of {string.Join(' ', missing)}"
            : null;
    }

    /// <summary>The database takes no event at one offset of each partition.</summary>
    private static bool IsRefused(int partition, long offset) => offset == 3 + partition;

    private void See(string what, int times = 1) => Seen[what] = Seen.GetValueOrDefault(what) + times;
}
