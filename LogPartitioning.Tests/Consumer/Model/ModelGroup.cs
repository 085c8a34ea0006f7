using Confluent.Kafka;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Model;

/// <summary>
/// A group whose partitions are moved between its workers without rest, in order and out of order, while the store fails before
/// its commits and after them.
/// </summary>
internal sealed class ModelGroup : IDisposable
{
    private const int Partitions = 6;

    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, ModelWorker> _owners = [];
    private readonly List<ModelWorker> _workers;
    private readonly MemoryStore _store = new();
    private readonly MemoryLetters _letters = new();
    private readonly List<string> _broken = [];
    private readonly Random _faults;

    public ModelGroup(int seed, int length)
    {
        (_random, _faults) = (new(seed), new(~seed));
        Log = new(Partitions, length, seed);
        _store.BeforeWrite = _ => Fail("before the commit");
        _store.AfterWrite = () => Fail("the commit's answer is lost");
        _store.BeforeClaim = () => Fail("no claim");
        _workers = [.. Enumerable.Range(0, 3).Select(n => new ModelWorker(this, $"model/{n}", _store, _letters))];
    }

    public ModelLog Log { get; }

    /// <summary>The topic at the brokers.</summary>
    public string? TopicId { get; private set; } = "first";

    /// <summary>How often a partition was moved.</summary>
    public int Moves { get; private set; }

    /// <summary>How many writes were refused.</summary>
    public long Fenced => _workers.Sum(w => w.Fenced);

    /// <summary>What a worker commits: taken from the owner alone, as the brokers do it. It is never ahead of the store.</summary>
    public void Commit(ModelWorker worker, IReadOnlyList<TopicPartitionOffset> offsets)
    {
        lock (_lock)
        {
            foreach (var offset in offsets)
            {
                if (_owners.GetValueOrDefault(offset.Partition.Value) != worker)
                {
                    throw new KafkaException(ErrorCode.UnknownMemberId);
                }

                if (offset.Offset.Value > _store.PositionOf(offset.Partition.Value))
                {
                    _broken.Add($"{worker.Name} committed {offset.Offset} of partition {offset.Partition.Value}, and the store stands at {_store.PositionOf(offset.Partition.Value)}");
                }
            }
        }
    }

    /// <summary>Moves partitions until all is stored, then gives the verdict.</summary>
    public async Task<string> RunAsync(int moves, TimeSpan timeout)
    {
        for (var partition = 0; partition < Partitions; partition++)
        {
            await AssignAsync(partition, _workers[partition % _workers.Count]);
        }

        for (Moves = 0; Moves < moves; Moves++)
        {
            await MoveAsync(_random.Next(Partitions), _workers[_random.Next(_workers.Count)]);
        }

        await Eventually.SeesAsync(
            "everything stored",
            _ => Task.FromResult(string.Join(' ', Enumerable.Range(0, Partitions).Select(_store.PositionOf))),
            positions => positions == string.Join(' ', Enumerable.Repeat(Log.Length, Partitions)),
            timeout);
        await Eventually.TrueAsync("empty buffers", () => _workers.All(w => w.Buffered == 0), timeout);
        await Task.WhenAll(_workers.Select(w => w.StopAsync()));
        return Verdict();
    }

    public void Dispose() => _workers.ForEach(w => w.Dispose());

    private async Task MoveAsync(int partition, ModelWorker to)
    {
        var from = _owners[partition];
        switch (_random.Next(3))
        {
            case 0:
                // In good order: given back, then given.
                await from.RevokeAsync(partition);
                await AssignAsync(partition, to);
                break;
            case 1 when from != to:
                // The session has expired: the next owner has it before this one knows.
                await AssignAsync(partition, to);
                await from.LoseAsync(partition);
                break;
            default:
                await from.LoseAsync(partition);
                await AssignAsync(partition, to);
                break;
        }
    }

    private Task AssignAsync(int partition, ModelWorker worker)
    {
        lock (_lock)
        {
            _owners[partition] = worker;
        }

        return worker.AssignAsync(partition);
    }

    private void Fail(string what)
    {
        lock (_faults)
        {
            if (_faults.Next(200) == 0)
            {
                throw new NpgsqlException(what);
            }
        }
    }

    private string Verdict()
    {
        foreach (var partition in Enumerable.Range(0, Partitions))
        {
            var stored = _store.Stored.GetValueOrDefault(partition) ?? [];
            if (!stored.SequenceEqual(Log.Events(partition)))
            {
                _broken.Add($"partition {partition}: stored are {Difference(stored, Log.Events(partition))}");
            }

            var letters = _letters.Sent.Where(l => l.Partition == partition).Select(l => l.Offset).Distinct().Order();
            if (!letters.SequenceEqual(Log.NoEvents(partition)))
            {
                _broken.Add($"partition {partition}: dead letters are {Difference(letters, Log.NoEvents(partition))}");
            }
        }

        return string.Join("; ", _broken);
    }

    private static string Difference(IEnumerable<long> found, IEnumerable<long> expected)
    {
        var (f, e) = (found.ToList(), expected.ToList());
        var twice = f.GroupBy(o => o).Where(g => g.Count() > 1).Select(g => g.Key);
        return $"without {string.Join(' ', e.Except(f).Take(5))}, beyond {string.Join(' ', f.Except(e).Take(5))}, twice {string.Join(' ', twice.Take(5))}, in order: {f.SequenceEqual(f.Order())}";
    }
}
