using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;

namespace LogPartitioning.Tests.Producer.Partitioning;

public sealed class HotSpotsTests
{
    [Fact]
    public void A_partition_over_the_multiple_is_hot_and_its_heaviest_source_named()
    {
        // Four partitions, 1,000 events: a fair share is 250, the limit 500.
        var load = Load(4, ("big", 0, 520), ("small", 0, 80), ("b", 1, 200), ("c", 2, 100), ("d", 3, 100));
        var hot = HotSpots.Find(load, new(2, 1_000));
        Assert.Equal([0], hot.Partitions);
        Assert.Equal(["big"], hot.Sources);
    }

    [Fact]
    public void As_many_sources_are_named_as_make_it_hot()
    {
        var load = Load(4, ("x", 0, 300), ("y", 0, 290), ("z", 0, 280), ("b", 1, 130));
        Assert.Equal(["x", "y"], HotSpots.Find(load, new(2, 1_000)).Sources.Order());
    }

    [Fact]
    public void Exactly_the_multiple_is_not_hot()
    {
        var load = Load(4, ("a", 0, 500), ("b", 1, 300), ("c", 2, 200));
        Assert.Empty(HotSpots.Find(load, new(2, 1_000)).Partitions);
    }

    [Fact]
    public void Too_few_events_say_nothing()
    {
        var load = Load(4, ("a", 0, 999));
        Assert.Empty(HotSpots.Find(load, new(2, 1_000)).Partitions);
        Assert.Equal([0], HotSpots.Find(load, new(2, 999)).Partitions);
    }

    [Fact]
    public void The_suggested_split_is_the_smallest_that_is_enough()
    {
        // 60 % from one source, the rest even: with k partitions of its own each has 40/12 + 60/k of 100.
        var rest = Enumerable.Range(0, 12).Select(partition => ($"r{partition}", partition, 400));
        var hot = (Source: "hot", Partition: KeyPartitioner.PartitionOf("hot", 12), Events: 7_200);
        var load = Load(12, [.. rest, hot]);
        var keys = SplitAdvice.FewestKeys("hot", load, 2);
        Assert.NotNull(keys);
        Assert.InRange(ImbalanceAfter(keys.Value), 1, 2);
        Assert.All(Enumerable.Range(2, keys.Value - 2), fewer => Assert.True(ImbalanceAfter(fewer) > 2, $"{fewer} would do."));

        static double ImbalanceAfter(int keys)
        {
            var own = SourceSplits.KeysOf("hot", keys, 12).Select(key => key.Partition).Distinct().Count();
            return (400 + (7_200.0 / own)) / 1_000;
        }
    }

    [Fact]
    public void No_split_is_suggested_for_a_source_without_load() =>
        Assert.Null(SplitAdvice.FewestKeys("quiet", Load(4, ("a", 0, 100)), 2));

    [Fact]
    public void Options_name_every_rule_that_they_break()
    {
        var options = new PartitioningOptions
        {
            SplitSources = [new() { Source = "a", Keys = 1 }, new() { Source = "b", Keys = 13 }, new() { Source = "c", Keys = 12 }],
            HotMultiple = 1,
            HotWindow = TimeSpan.Zero,
            HotMinimumEvents = 0,
            TrackedKeys = 9,
            RefreshInterval = TimeSpan.FromDays(1),
        };
        var problems = options.Problems(12).ToList();
        Assert.Equal(7, problems.Count);
        Assert.All(
            ["source \"a\"", "source \"b\"", "HotMultiple", "HotWindow", "HotMinimumEvents", "TrackedKeys", "RefreshInterval"],
            setting => Assert.Contains(problems, problem => problem.Contains(setting, StringComparison.Ordinal)));
        Assert.Empty(new PartitioningOptions().Problems(12));
    }

    private static LoadSnapshot Load(int partitions, params (string Source, int Partition, int Events)[] sources)
    {
        var events = new long[partitions];
        foreach (var source in sources)
        {
            events[source.Partition] += source.Events;
        }

        var keys = sources.Select(source => new KeyLoad(new SourceKey(source.Source, source.Source, source.Partition), source.Events, 0))
            .OrderByDescending(key => key.Events).ToList();
        return new LoadSnapshot(events, keys, keys, events.Sum());
    }
}
