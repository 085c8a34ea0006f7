using System.Text.Json;
using System.Text.Json.Nodes;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Tests.Core.Lag;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using static LogPartitioning.Tests.Core.Lag.Readings;

namespace LogPartitioning.Tests.Gateway.Partitioning;

public sealed class HotPartitionsTests : IDisposable
{
    private readonly IOptions<PartitioningOptions> _options = Options.Create(new PartitioningOptions());
    private readonly ScriptedOffsets _source = new();
    private readonly LagMonitor _monitor;
    private readonly ArrivalWindow _arrivals;
    private readonly HotPartitions _hot;

    public HotPartitionsTests()
    {
        _monitor = new(_source, new() { Window = 10 }, TimeProvider.System, NullLogger<LagMonitor>.Instance);
        _arrivals = new(_options);
        _monitor.Reported += _arrivals.Add;
        _hot = new(_arrivals, _monitor, _options);
    }

    public void Dispose() => _monitor.Dispose();

    /// <summary>Four partitions, each as (end, committed).</summary>
    private async Task ReadAsync(double seconds, params (long End, long Committed)[] partitions)
    {
        _source.Next = () => Offsets(Start.AddSeconds(seconds), [.. partitions.Select((entry, i) => Partition(i, entry.End, entry.Committed, "consumer-1/0"))]);
        await _monitor.RefreshAsync(CancellationToken.None);
    }

    [Fact]
    public async Task More_than_twice_the_fair_share_is_hot_also_when_the_consumer_keeps_up()
    {
        await ReadAsync(0, (0, 0), (0, 0), (0, 0), (0, 0));
        await ReadAsync(30, (5_100, 5_100), (1_700, 1_700), (1_600, 1_600), (1_600, 1_600));

        var hot = Assert.Single(_hot.Find());
        Assert.Equal((0, 0.51, 0.25), (hot.Partition, hot.Share, hot.FairShare));
        Assert.Equal("51 % of what arrived in 30 s, 2.0 times its fair share; its consumer keeps up", hot.Reason);
        Assert.Equal(2.04, _arrivals.Read().Imbalance);
    }

    [Fact]
    public async Task A_backlog_that_is_being_worked_off_is_not_hot()
    {
        await ReadAsync(0, (0, 0), (0, 0), (0, 0), (0, 0));
        await ReadAsync(10, (9_000, 0), (100, 0), (100, 0), (100, 0));
        Assert.Single(_hot.Find());

        // The same window, and offsets now move faster than records arrive.
        for (var i = 2; i <= 11; i++)
        {
            await ReadAsync(10 * i, (9_000 + i, 800 * i), (100, 100), (100, 100), (100, 100));
        }

        Assert.True(_hot.IsFalling(0));
        Assert.Empty(_hot.Find());
    }

    [Fact]
    public async Task Too_little_traffic_is_not_judged()
    {
        await ReadAsync(0, (0, 0), (0, 0), (0, 0), (0, 0));
        await ReadAsync(30, (999, 999), (0, 0), (0, 0), (0, 0));
        Assert.Empty(_hot.Find());
    }

    [Fact]
    public async Task The_window_forgets_what_is_older()
    {
        await ReadAsync(0, (0, 0), (0, 0), (0, 0), (0, 0));
        await ReadAsync(30, (9_000, 9_000), (0, 0), (0, 0), (0, 0));
        for (var i = 1; i <= 60; i++)
        {
            await ReadAsync(30 + i, (9_000 + (25 * i), 9_000), (25 * i, 0), (25 * i, 0), (25 * i, 0));
        }

        var window = _arrivals.Read();
        Assert.Equal(60, window.Seconds);
        Assert.Equal(1.0, window.Imbalance);
    }

    [Fact]
    public async Task A_topic_that_was_created_again_starts_a_new_window()
    {
        await ReadAsync(0, (9_000, 0), (0, 0), (0, 0), (0, 0));
        await ReadAsync(1, (10, 0), (0, 0), (0, 0), (0, 0));
        Assert.Equal(0, _arrivals.Read().Total);
    }

    [Fact]
    public void Imbalance_is_the_most_over_the_mean()
    {
        Assert.Equal(1, HotRule.ImbalanceOf([5L, 5L, 5L]));
        Assert.Equal(3, HotRule.ImbalanceOf([9L, 0L, 0L]));
        Assert.Equal(0, HotRule.ImbalanceOf([0L, 0L, 0L]));
    }

    [Fact]
    public void The_mapping_names_the_sources_and_cools_what_catches_up()
    {
        PartitionMapping mapping = new(
            4,
            60,
            19,
            2,
            0,
            [Source("a", 0, hot: true), Source("b", 1, hot: true), Source("c", 0, hot: false)],
            [new(0, 10, 0.5, Hot: true), new(1, 9, 0.5, Hot: true)]);

        var complete = GroupMappingReader.Complete(mapping, [new(0, 0.9, 0.25, 7, "because")], isFalling: partition => partition == 1, mapping.Sources);

        Assert.Equal([true, false, false], complete.Sources.Select(source => source.Hot));
        Assert.Equal([true, false], complete.Load.Select(load => load.Hot));
        Assert.Equal(["a"], Assert.Single(complete.HotPartitions).Sources);
        Assert.Equal("hotPartitions", JsonNode.Parse(JsonSerializer.Serialize(complete, JsonSerializerOptions.Web))!.AsObject().Last().Key);

        static SourceMapping Source(string source, int partition, bool hot) => new(source, [new(source, partition)], 9, 0.5, hot, null, null);
    }
}
