using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Clients;

/// <summary>
/// What is stored of the numbered events of some sources, in the store's order. The message of such an event ends with its number, <c>event 17</c>; the
/// numbers of a source ascend as it is sent.
/// </summary>
internal sealed class StoredNumbers
{
    private readonly IReadOnlyDictionary<string, IReadOnlyList<long>> _bySource;

    private StoredNumbers(IReadOnlyDictionary<string, IReadOnlyList<long>> bySource) => _bySource = bySource;

    /// <summary>How many rows there are.</summary>
    public int Rows => _bySource.Values.Sum(numbers => numbers.Count);

    /// <summary>How many different events there are.</summary>
    public int Events => _bySource.Values.Sum(numbers => numbers.Distinct().Count());

    /// <summary>What is stored now.</summary>
    public static async Task<StoredNumbers> ReadAsync(NpgsqlDataSource logs, IReadOnlyList<string> sources)
    {
        Dictionary<string, IReadOnlyList<long>> bySource = [];
        foreach (var source in sources)
        {
            bySource[source] = await logs.ListAsync<long>(
                """SELECT substring(message FROM 'event ([0-9]+)$')::bigint FROM log_events WHERE source = $1 ORDER BY partition, log, "offset" """, source);
        }

        return new(bySource);
    }

    /// <summary>Waits until so many different events are stored.</summary>
    public static Task<StoredNumbers> SeesAsync(NpgsqlDataSource logs, IReadOnlyList<string> sources, int events, TimeSpan patience) => Eventually.SeesAsync(
        FormattableString.Invariant($"{events} events of {string.Join(", ", sources)}"),
        _ => ReadAsync(logs, sources),
        stored => stored.Events >= events,
        patience);

    /// <summary>Which of these numbers are not stored.</summary>
    public static async Task<IReadOnlyList<long>> MissingAsync(NpgsqlDataSource logs, IReadOnlyList<string> sources, IEnumerable<int> numbers)
    {
        var stored = (await ReadAsync(logs, sources))._bySource.Values.SelectMany(seen => seen).ToHashSet();
        return [.. numbers.Select(number => (long)number).Where(number => !stored.Contains(number))];
    }

    /// <summary>Asserts that the events of each source came in their order, repetitions aside: each number is greater than all that came before, or one of them.</summary>
    public void AssertInOrder()
    {
        foreach (var (source, numbers) in _bySource)
        {
            HashSet<long> seen = [];
            var last = long.MinValue;
            for (var i = 0; i < numbers.Count; i++)
            {
                if (seen.Add(numbers[i]))
                {
                    Assert.True(numbers[i] > last, $"{source}: the event {numbers[i]} is stored after {last}, at place {i} of {numbers.Count}.");
                    last = numbers[i];
                }
            }
        }
    }

    /// <summary>Asserts that no event is stored twice.</summary>
    public void AssertOnce() => Assert.True(Rows == Events, $"{Rows - Events} of {Rows} rows are repetitions.");

    public override string ToString() => FormattableString.Invariant($"{Events} events in {Rows} rows");
}
