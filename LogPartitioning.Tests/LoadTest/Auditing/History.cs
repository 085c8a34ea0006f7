using System.Runtime.CompilerServices;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.Tests.LoadTest.Auditing;

/// <summary>A history made by hand: what was acknowledged, and what a store holds of it.</summary>
internal sealed class History : IStoredEvents
{
    private static readonly Guid Run = Guid.CreateVersion7();
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    private readonly List<LedgerEntry> _acknowledged = [];
    private readonly List<UnknownEntry> _unknown = [];

    public List<StoredEvent> Stored { get; } = [];

    public HashSet<string> Split { get; } = [];

    /// <summary>Partition to the next offset to be stored; by default past everything.</summary>
    public Func<IReadOnlyDictionary<int, long>> NextOffsets { get; set; } =
        () => Enumerable.Range(0, 12).ToDictionary(partition => partition, _ => long.MaxValue);

    /// <summary>Null: keys are not checked against partitions.</summary>
    public int? Partitions { get; set; }

    public IReadOnlyList<LedgerContents> Ledgers =>
        [new("made by hand", new LedgerHeader(Run, "send", "http://127.0.0.1:8080", Start), _acknowledged, _unknown, Torn: false)];

    /// <summary>Acknowledges events 1 to <paramref name="count"/> of a source at consecutive offsets, and stores them there.</summary>
    public History With(string source, int count, int partition = 3, long firstOffset = 100)
    {
        for (var i = 1; i <= count; i++)
        {
            Acknowledge(source, i, partition, firstOffset + i - 1);
            Store(_acknowledged[^1], partition, firstOffset + i - 1);
        }

        return this;
    }

    public LedgerEntry Acknowledge(string source, long sequence, int partition, long offset, int attempts = 1, string? key = null)
    {
        var entry = new LedgerEntry(
            Guid.CreateVersion7(), source, sequence, partition, offset, key, attempts,
            LedgerEntry.MessageHash($"{source} {sequence}"))
        { Run = Run };
        _acknowledged.Add(entry);
        return entry;
    }

    public UnknownEntry GiveUp(string source, long sequence)
    {
        var entry = new UnknownEntry(Guid.CreateVersion7(), source, sequence) { Run = Run };
        _unknown.Add(entry);
        return entry;
    }

    public StoredEvent Store(LedgerEntry entry, int partition, long offset, string? key = null)
    {
        var stored = new StoredEvent(
            entry.Id, entry.Source, partition, offset, entry.Hash, Run, entry.Sequence, key, Start.AddMilliseconds(offset));
        Stored.Add(stored);
        return stored;
    }

    /// <summary>Replaces the stored event of a sequence.</summary>
    public void Change(string source, long sequence, Func<StoredEvent, StoredEvent> change)
    {
        var place = Stored.FindIndex(e => e.Source == source && e.Sequence == sequence);
        Stored[place] = change(Stored[place]);
    }

    public Task<AuditReport> JudgeAsync() =>
        new Audit(this).RunAsync(Ledgers, TimeSpan.Zero, CancellationToken.None);

    public async IAsyncEnumerable<StoredEvent> ReadAsync(string source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (var item in Stored.Where(e => e.Source == source).ToArray())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return item;
        }
    }

    public Task<IReadOnlyDictionary<int, long>> ReadNextOffsetsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(NextOffsets());

    public Task<SourceKeys> ReadKeysAsync(string source, CancellationToken cancellationToken) =>
        Task.FromResult(new SourceKeys(Partitions, Split.Contains(source)));
}
