using LogPartitioning.Gateway.Reporting;
using LogPartitioning.Tests.Core.Lag;

namespace LogPartitioning.Tests.Gateway.Views;

public sealed class GroupHistoryTests
{
    private readonly GroupHistory _history = new();

    [Fact]
    public void A_sample_is_what_happened_between_two_readings()
    {
        Read(0, (100, 100), (200, 200));
        Assert.Empty(_history.Samples);

        Read(10, (150, 140), (350, 200));

        var sample = Assert.Single(_history.Samples);
        Assert.Equal((20.0, 4.0, 160L, 2), (sample.ArrivedPerSecond, sample.StoredPerSecond, sample.Lag, sample.Members));
        Assert.Equal(1.5, sample.Imbalance);
        Assert.Equal([new(0, 10, 5, 4), new(1, 150, 15, 0)], sample.Partitions);
    }

    [Fact]
    public void Readings_that_come_sooner_are_one_sample()
    {
        Read(0, (0, 0), (0, 0));
        Read(1, (10, 10), (0, 0));
        Read(4.2, (20, 20), (0, 0));
        Assert.Empty(_history.Samples);

        Read(5, (50, 50), (0, 0));

        Assert.Equal(10, Assert.Single(_history.Samples).ArrivedPerSecond);
    }

    [Fact]
    public void An_offset_that_went_back_is_another_logs_and_counts_for_nothing()
    {
        Read(0, (1000, 1000), (0, 0));
        Read(10, (5, 5), (0, 0));

        Assert.Equal((0.0, 0.0), (_history.Samples[0].ArrivedPerSecond, _history.Samples[0].StoredPerSecond));
    }

    [Fact]
    public void No_more_is_kept_than_half_an_hour()
    {
        for (var i = 0; i <= GroupHistory.Capacity + 5; i++)
        {
            Read(5 * i, (i, i), (0, 0));
        }

        Assert.Equal(GroupHistory.Capacity, _history.Samples.Count);
        Assert.Equal(Readings.Start.AddSeconds(5 * (GroupHistory.Capacity + 5)), _history.Samples[^1].At);
        Assert.Equal(TimeSpan.FromMinutes(30), GroupHistory.Capacity * GroupHistory.Step);
    }

    private void Read(double seconds, params (long End, long Committed)[] partitions) => _history.Add(Readings.Report(Readings.Offsets(
        Readings.Start.AddSeconds(seconds),
        [.. partitions.Select((partition, i) => Readings.Partition(i, partition.End, partition.Committed, $"consumer-1/{i}"))])));
}
