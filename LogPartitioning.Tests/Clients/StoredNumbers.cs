using System.Globalization;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Clients;

/// <summary>
/// The events of a client that numbered them, each source from 0 on: waits until all are stored, and looks whether each is there once and in order. The
/// number is the last word of the message.
/// </summary>
/// <param name="application">Where they were sent.</param>
/// <param name="sources">The sources, each with as many events.</param>
/// <param name="eventsOfEach">How many events each source has.</param>
public sealed class StoredNumbers(RunningApplication application, IReadOnlyList<string> sources, int eventsOfEach)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    /// <summary>Waits until at least so many events of the sources are stored.</summary>
    public async Task ReachAsync(long events) => await Eventually.SeesAsync(
        string.Create(CultureInfo.InvariantCulture, $"{events} stored events of {string.Join(", ", sources)}"),
        _ => application.Logs.CountAsync("SELECT count(*) FROM log_events WHERE source = ANY($1)", (object)sources.ToArray()),
        stored => stored >= events,
        s_patience);

    /// <summary>Every number is stored once, and in its order.</summary>
    public async Task AreAllStoredOnceAsync()
    {
        await ReachAsync(sources.Count * eventsOfEach);
        foreach (var source in sources)
        {
            var numbers = await NumbersAsync(source);
            Assert.True(numbers.SequenceEqual(Enumerable.Range(0, eventsOfEach)), Describe(source, numbers));
        }
    }

    /// <summary>Every number is stored, and the first of each number in order: what a client sends again may stand behind it once more.</summary>
    public async Task AreAllStoredAtLeastOnceAsync()
    {
        await Eventually.SeesAsync(
            $"every number of {string.Join(", ", sources)}",
            async _ =>
            {
                var missing = 0;
                foreach (var source in sources)
                {
                    missing += eventsOfEach - (await NumbersAsync(source)).Distinct().Count();
                }

                return missing;
            },
            missing => missing == 0,
            s_patience,
            TimeSpan.FromSeconds(1));
        foreach (var source in sources)
        {
            var numbers = await NumbersAsync(source);
            Assert.True(numbers.Distinct().SequenceEqual(Enumerable.Range(0, eventsOfEach)), Describe(source, numbers));
        }
    }

    private async Task<IReadOnlyList<int>> NumbersAsync(string source) =>
    [
        .. (await application.Logs.ListAsync<string>("""SELECT message FROM log_events WHERE source = $1 ORDER BY partition, log, "offset" """, source))
            .Select(message => int.Parse(message.AsSpan(message.TrimEnd().LastIndexOf(' ') + 1).Trim(), CultureInfo.InvariantCulture)),
    ];

    private static string Describe(string source, IReadOnlyList<int> numbers)
    {
        var disorder = numbers.Zip(numbers.Skip(1)).Index().Where(pair => pair.Item.Second != pair.Item.First + 1).Take(5)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Item.First} and then {pair.Item.Second} at {pair.Index}"));
        return string.Create(CultureInfo.InvariantCulture, $"{source}: {numbers.Count} stored, {numbers.Distinct().Count()} different; {string.Join("; ", disorder)}");
    }
}
