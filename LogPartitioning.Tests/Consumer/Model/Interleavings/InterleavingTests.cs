using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Consumer.Model.Interleavings;

/// <summary>
/// A worker's parts as they are, one step at a time in an order that a seed decides: polls, writes, commits, revokes, losses, stops
/// and kills, halts, refusals, and a topic created again. A failure names its seed and the shortest trace that still shows it.
/// </summary>
[Trait("Category", "Slow")]
public sealed class InterleavingTests(ITestOutputHelper output)
{
    private const int Moves = 300;

    /// <summary>What has to come up often, or the rest says little.</summary>
    private static readonly string[] Interesting =
    [
        .. Enum.GetNames<MoveKind>(),
        .. Enum.GetNames<PartitionState>().Except([nameof(PartitionState.Paused), nameof(PartitionState.Released), nameof(PartitionState.Lost)]),
        HaltCause.LogReplaced, HaltCause.TooManyRefused, "fenced", "refused by the store",
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_interleaving_skips_repeats_or_strands_an_event(int block)
    {
        const int Interleavings = 500;
        var seen = new Dictionary<string, int>();
        var made = 0L;
        for (var seed = block * Interleavings; seed < (block + 1) * Interleavings; seed++)
        {
            using var world = new Exploration(seed);
            var moves = world.Wander(Moves);
            world.ComeToRest();
            Assert.True(world.Broken is null, ReportOf(seed, moves, change: null));

            made += moves.Count;
            foreach (var (what, times) in world.Seen)
            {
                seen[what] = seen.GetValueOrDefault(what) + times;
            }
        }

        output.WriteLine($"{Interleavings} interleavings, {made} moves; {string.Join(", ", seen.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key} {s.Value}"))}");
        Assert.All(Interesting, what => Assert.True(seen.GetValueOrDefault(what) >= 10, $"{what} came up {seen.GetValueOrDefault(what)} times"));
    }

    [Fact]
    public void The_same_seed_ends_the_same_way()
    {
        var ends = Enumerable.Range(0, 2).Select(_ =>
        {
            using var world = new Exploration(seed: 7);
            var moves = world.Wander(Moves);
            world.ComeToRest();
            return string.Join(' ', moves) + string.Join(' ', world.Seen.OrderBy(s => s.Key, StringComparer.Ordinal));
        });

        Assert.Single(ends.Distinct());
    }

    [Fact]
    public void A_store_without_a_fence_is_found_out_by_a_short_trace()
    {
        // As if the update said neither "AND epoch = …" nor "AND next_offset = …".
        var unfenced = (MemoryStore rows, PartitionBatch batch) => batch with { Epoch = rows.EpochOf(batch.Partition), Start = rows.PositionOf(batch.Partition) };
        var seed = 0;
        List<Move> moves;
        while (BrokenBy(seed, moves = MovesOf(seed, unfenced), unfenced) is null)
        {
            Assert.InRange(++seed, 0, 1_000);
        }

        var shortest = Shortest(seed, moves, unfenced);

        output.WriteLine(ReportOf(seed, moves, unfenced));
        Assert.InRange(shortest.Count, 1, 15);
    }

    private static List<Move> MovesOf(int seed, Func<MemoryStore, PartitionBatch, PartitionBatch> change)
    {
        using var world = new Exploration(seed, change);
        return world.Wander(Moves);
    }

    private static string ReportOf(int seed, List<Move> moves, Func<MemoryStore, PartitionBatch, PartitionBatch>? change)
    {
        var shortest = Shortest(seed, moves, change);
        return $"Seed {seed}, {shortest.Count} of {moves.Count} moves: {BrokenBy(seed, shortest, change)}\n{string.Join('\n', shortest)}";
    }

    /// <summary>The moves without those that can be left out.</summary>
    private static List<Move> Shortest(int seed, List<Move> moves, Func<MemoryStore, PartitionBatch, PartitionBatch>? change)
    {
        var left = moves;
        for (var size = left.Count / 2; size > 0; size /= 2)
        {
            while (TryDrop(size))
            {
                // Again, from what is left.
            }
        }

        return left;

        bool TryDrop(int size)
        {
            var before = left.Count;
            for (var at = left.Count - size; at >= 0; at -= size)
            {
                List<Move> fewer = [.. left[..at], .. left[(at + size)..]];
                if (BrokenBy(seed, fewer, change) is not null)
                {
                    left = fewer;
                }
            }

            return left.Count < before;
        }
    }

    private static string? BrokenBy(int seed, List<Move> moves, Func<MemoryStore, PartitionBatch, PartitionBatch>? change)
    {
        using var world = new Exploration(seed, change);
        foreach (var move in moves.TakeWhile(_ => world.Broken is null))
        {
            world.Make(move);
        }

        world.ComeToRest();
        return world.Broken;
    }
}
