using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Core.Partitioning;

public sealed class SourceSplitsTests
{
    private const int Partitions = 12;

    [Fact]
    public void A_source_that_is_not_split_is_its_own_key()
    {
        var splits = new SourceSplits(Partitions, []);
        Assert.Equal([new SourceKey("a", "a", KeyPartitioner.PartitionOf("a", Partitions))], splits.KeysOf("a"));
    }

    [Fact]
    public void A_split_source_has_numbered_keys_each_on_the_partition_of_its_hash()
    {
        var splits = new SourceSplits(Partitions, [KeyValuePair.Create("a", 4)]);
        Assert.Equal(["a-1", "a-2", "a-3", "a-4"], splits.KeysOf("a").Select(key => key.Key));
        Assert.All(splits.KeysOf("a"), key => Assert.Equal(KeyPartitioner.PartitionOf(key.Key, Partitions), key.Partition));
    }

    [Theory]
    [InlineData("checkout", true)]
    [InlineData("checkout-1", true)]
    [InlineData("checkout-12", true)]
    [InlineData("checkout-0", false)]
    [InlineData("checkout-", false)]
    [InlineData("checkout-1a", false)]
    [InlineData("checkout--1", false)]
    [InlineData("checkou", false)]
    [InlineData("", false)]
    [InlineData("other-1", false)]
    public void A_key_is_the_source_or_one_of_its_split_keys(string key, bool expected) =>
        Assert.Equal(expected, SourceSplits.IsKeyOf(key, "checkout"));

    [Fact]
    public void A_stored_split_wins_over_the_configured_one_until_it_is_removed()
    {
        var splits = new SourceSplits(Partitions, [KeyValuePair.Create("a", 4)]);
        splits.Replace([KeyValuePair.Create("a", 2), KeyValuePair.Create("b", 3)]);
        Assert.Equal(2, splits.KeysOf("a").Count);
        Assert.Equal(3, splits.KeysOf("b").Count);
        Assert.Equal(["a", "b"], splits.SplitSources.Order());

        splits.Replace([]);
        Assert.Equal(4, splits.KeysOf("a").Count);
        Assert.Single(splits.KeysOf("b"));
        Assert.False(splits.IsStored("a"));
        Assert.True(splits.IsConfigured("a"));
    }

    /// <summary>Whatever the other load, the partitions of a split source end level: none that the source adds to stands above
    /// another of them by more than one event.</summary>
    [Property(MaxTest = 200)]
    public Property A_split_source_evens_out_its_partitions() => Prop.ForAll(
        (from keys in Gen.Choose(2, Partitions)
         from name in Gen.Choose(0, 1_000_000)
         from others in Gen.Choose(0, 200).ListOf(Partitions)
         select (keys, source: $"hot-{name}", others: others.ToArray())).ToArbitrary(),
        input =>
        {
            var splits = new SourceSplits(Partitions, [KeyValuePair.Create(input.source, input.keys)]);
            var window = new LoadWindow(Partitions, TimeSpan.FromSeconds(60), 100, new FakeTimeProvider());
            for (var partition = 0; partition < Partitions; partition++)
            {
                for (var i = 0; i < input.others[partition]; i++)
                {
                    window.Add(new SourceKey($"other-{partition}", $"other-{partition}", partition));
                }
            }

            var router = new SourceRouter(splits, window);
            var added = new long[Partitions];
            var routed = new SourceKey[1_000];
            router.Route([.. Enumerable.Repeat(input.source, routed.Length)], routed);
            foreach (var key in routed)
            {
                added[key.Partition]++;
            }

            var after = window.Read().Partitions;
            var own = splits.KeysOf(input.source).Select(key => key.Partition).ToHashSet();
            var lowest = own.Min(partition => after[partition]);
            Assert.All(Enumerable.Range(0, Partitions).Where(partition => added[partition] > 0), partition =>
            {
                Assert.Contains(partition, own);
                Assert.InRange(after[partition], lowest, lowest + 1);
            });
        });

    /// <summary>As many at once as one by one: each sees those before it.</summary>
    [Property(MaxTest = 200)]
    public Property Events_are_routed_together_as_they_are_one_by_one() => Prop.ForAll(
        Gen.Choose(0, 5).Select(n => n == 0 ? "hot" : $"other-{n}").ListOf().ToArbitrary(),
        sources =>
        {
            var (one, all) = (new SourceKey[sources.Count], new SourceKey[sources.Count]);
            var (oneByOne, together) = (Router(), Router());
            for (var i = 0; i < one.Length; i++)
            {
                oneByOne.Router.Route([sources[i]], one.AsSpan(i, 1));
            }

            together.Router.Route([.. sources], all);
            Assert.Equal(one, all);
            Assert.Equal(oneByOne.Window.Read().Partitions, together.Window.Read().Partitions);
            Assert.Equal(
                oneByOne.Window.Read().Keys.Select(key => (key.Key.Key, key.Events)).Order(),
                together.Window.Read().Keys.Select(key => (key.Key.Key, key.Events)).Order());

            static (SourceRouter Router, LoadWindow Window) Router()
            {
                var window = new LoadWindow(Partitions, TimeSpan.FromSeconds(60), 100, new FakeTimeProvider());
                return (new SourceRouter(new SourceSplits(Partitions, [KeyValuePair.Create("hot", 4)]), window), window);
            }
        });
}
