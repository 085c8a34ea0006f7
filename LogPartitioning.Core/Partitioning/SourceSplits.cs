using System.Collections.Frozen;
using System.Globalization;

namespace LogPartitioning.Core.Partitioning;

/// <summary>
/// Which sources are split, and so which keys and partitions each source has. A source that is split in k has the keys
/// <c>source-1</c> to <c>source-k</c>; any other has itself as its only key. Safe for concurrent use.
/// </summary>
public sealed class SourceSplits
{
    /// <summary>The fewest keys that make a split.</summary>
    public const int MinKeys = 2;

    private readonly FrozenDictionary<string, int> _configured;
    private Snapshot _current;

    /// <summary>Begins with the splits that the configuration names, until the stored ones are known.</summary>
    /// <param name="partitions">How many partitions the topic has.</param>
    /// <param name="configured">Source to number of keys.</param>
    public SourceSplits(int partitions, IEnumerable<KeyValuePair<string, int>> configured)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        Partitions = partitions;
        _configured = configured.ToFrozenDictionary(StringComparer.Ordinal);
        _current = Compute(FrozenDictionary<string, int>.Empty);
    }

    /// <summary>How many partitions the topic has.</summary>
    public int Partitions { get; }

    /// <summary>The sources that are split now, in no order.</summary>
    public IEnumerable<string> SplitSources => Volatile.Read(ref _current).Keys.Keys;

    /// <summary>Whether the configuration splits <paramref name="source"/>; a stored split of the same source wins.</summary>
    public bool IsConfigured(string source) => _configured.ContainsKey(source);

    /// <summary>Whether <paramref name="source"/> is split in storage, over what the configuration says.</summary>
    public bool IsStored(string source) => Volatile.Read(ref _current).Stored.ContainsKey(source);

    /// <summary>Takes over the splits as they are stored, all of them.</summary>
    public void Replace(IEnumerable<KeyValuePair<string, int>> stored) =>
        Volatile.Write(ref _current, Compute(stored.ToFrozenDictionary(StringComparer.Ordinal)));

    /// <summary>Whether <paramref name="source"/> is split; if so, its keys.</summary>
    public bool TryGetKeys(string source, out IReadOnlyList<SourceKey> keys)
    {
        var split = Volatile.Read(ref _current).Keys.TryGetValue(source, out var found);
        keys = found ?? [];
        return split;
    }

    /// <summary>The keys of any source, split or not, seen or not.</summary>
    public IReadOnlyList<SourceKey> KeysOf(string source) =>
        TryGetKeys(source, out var keys)
            ? keys
            : [new SourceKey(source, source, KeyPartitioner.PartitionOf(source, Partitions))];

    /// <summary>The keys that <paramref name="source"/> has when split in <paramref name="count"/>.</summary>
    public static SourceKey[] KeysOf(string source, int count, int partitions)
    {
        var keys = new SourceKey[count];
        for (var i = 0; i < count; i++)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{source}-{i + 1}");
            keys[i] = new SourceKey(source, key, KeyPartitioner.PartitionOf(key, partitions));
        }

        return keys;
    }

    /// <summary>
    /// Whether events of <paramref name="source"/> may stand under <paramref name="key"/>: the source itself, or
    /// <c>source-1</c>, <c>source-2</c> …, however it is split now, since splits change and records stay.
    /// </summary>
    public static bool IsKeyOf(string key, string source)
    {
        if (key.Length == source.Length)
        {
            return key == source;
        }

        return key.Length > source.Length + 1
            && key.StartsWith(source, StringComparison.Ordinal)
            && key[source.Length] == '-'
            && int.TryParse(key.AsSpan(source.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0;
    }

    private Snapshot Compute(FrozenDictionary<string, int> stored)
    {
        var keys = new Dictionary<string, SourceKey[]>(StringComparer.Ordinal);
        foreach (var (source, count) in _configured.Concat(stored))
        {
            keys[source] = KeysOf(source, count, Partitions);
        }

        return new Snapshot(stored, keys.ToFrozenDictionary(StringComparer.Ordinal));
    }

    private sealed record Snapshot(FrozenDictionary<string, int> Stored, FrozenDictionary<string, SourceKey[]> Keys);
}
