using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LogPartitioning.Producer.Partitioning;

namespace LogPartitioning.Tests.Producer.Partitioning;

public sealed class SpaceSavingTests
{
    [Property(MaxTest = 300)]
    public Property The_documented_bound_holds_for_any_stream() => Prop.ForAll(
        (from capacity in Gen.Choose(1, 20)
         from stream in Gen.Zip(Gen.Choose(0, 40), Gen.Choose(1, 5)).ListOf()
         select (capacity, stream)).ToArbitrary(),
        input =>
        {
            var summary = new SpaceSaving<int>(input.capacity);
            var exact = new Dictionary<int, long>();
            foreach (var (item, weight) in input.stream)
            {
                summary.Add(item, weight);
                exact[item] = exact.GetValueOrDefault(item) + weight;
            }

            var total = exact.Values.Sum();
            var kept = summary.Entries.ToDictionary(entry => entry.Item);
            Assert.Equal(total, summary.Total);
            Assert.True(kept.Count <= input.capacity);
            foreach (var (item, count) in exact)
            {
                if (!kept.TryGetValue(item, out var entry))
                {
                    Assert.True(count <= summary.LargestMissed, $"{item} came {count} times and is not kept.");
                    Assert.True(count * input.capacity <= total, $"{item} is heavier than N / m and is not kept.");
                    continue;
                }

                Assert.InRange(count, entry.Count - entry.Error, entry.Count);
                Assert.True(entry.Error * input.capacity <= total, $"The error {entry.Error} is over {total} / {input.capacity}.");
            }
        });

    [Fact]
    public void It_counts_exactly_while_there_is_room()
    {
        var summary = new SpaceSaving<string>(3);
        foreach (var item in "a b a c a b".Split(' '))
        {
            summary.Add(item);
        }

        Assert.Equal(
            [("a", 3L, 0L), ("b", 2L, 0L), ("c", 1L, 0L)],
            summary.Entries.OrderByDescending(entry => entry.Count).Select(entry => (entry.Item, entry.Count, entry.Error)));
    }

    [Fact]
    public void It_forgets_everything_when_cleared()
    {
        var summary = new SpaceSaving<string>(1);
        summary.Add("a");
        summary.Add("b");
        summary.Clear();
        Assert.Empty(summary.Entries);
        Assert.Equal((0, 0), (summary.Total, summary.LargestMissed));
    }
}
