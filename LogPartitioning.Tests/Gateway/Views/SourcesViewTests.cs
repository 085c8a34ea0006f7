using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Views;

namespace LogPartitioning.Tests.Gateway.Views;

public sealed class SourcesViewTests
{
    [Fact]
    public void The_heaviest_comes_first_with_its_rate_and_what_follows()
    {
        var view = View(new("idle", [new("idle", 1)], 10, 0, false), new("hot", [new("hot", 0)], 5, 0.6, true, SuggestedKeys: 3));

        Assert.Equal(["hot", "idle"], view.Sources.Select(source => source.Source));
        Assert.Equal((10.0, 2.4), (view.Sources[0].EventsPerSecond, view.Sources[0].FairShares));
        Assert.Equal("Hot: it sends 2.4 fair shares of a partition under one key. Splitting it into 3 keys would spread it; order then holds within each key.", view.Sources[0].Advice);
        Assert.Equal("Nothing came from it in this window.", view.Sources[1].Advice);
        Assert.Equal(0.25, view.FairShare);
    }

    [Theory]
    [InlineData("api", 0.5, false, "Split into 2 keys by an operator: with one key it would bring a partition 2.0 fair shares of a partition. It goes back to one key when an operator takes the split away.")]
    [InlineData("api", 0.05, false, "Split into 2 keys by an operator; with 0.2 fair shares of a partition it would fit one key now. It goes back to one key when an operator takes the split away.")]
    [InlineData("configuration", 0.9, true, "Split into 2 keys by the configuration, and still hot with 3.6 fair shares of a partition. It goes back to one key when Partitioning:SplitSources no longer names it and the services start again.")]
    public void Of_a_split_source_is_told_by_whom_whether_it_helps_and_when_it_goes_back(string by, double share, bool hot, string advice) =>
        Assert.Equal(advice, View(new SourceMapping("split", [new("split-1", 0), new("split-2", 1)], 5, share, hot, by)).Sources[0].Advice);

    private static SourcesView View(params SourceMapping[] sources) =>
        SourcesView.From(new GroupPartitionMapping(new PartitionMapping(4, 60, 1000, 1, 0, sources, [])) { HotPartitions = [] });
}
