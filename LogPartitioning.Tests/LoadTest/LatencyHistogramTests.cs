using LogPartitioning.LoadTest.Load;

namespace LogPartitioning.Tests.LoadTest;

public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0.5, 500)]
    [InlineData(0.99, 990)]
    [InlineData(0.999, 999)]
    [InlineData(1, 1000)]
    public void A_quantile_is_the_nearest_rank_within_two_percent_above(double q, double expected)
    {
        var histogram = new LatencyHistogram();
        var order = Enumerable.Range(1, 1000).ToArray();
        new Random(1).Shuffle(order);
        foreach (var milliseconds in order)
        {
            histogram.Record(TimeSpan.FromMilliseconds(milliseconds));
        }

        Assert.InRange(histogram.Quantile(q).TotalMilliseconds, expected * 0.999, expected * 1.0201);
        Assert.Equal(1000, histogram.Count);
    }

    [Fact]
    public void One_slow_request_of_a_hundred_is_the_longest_but_not_the_99th()
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < 99; i++)
        {
            histogram.Record(TimeSpan.FromMilliseconds(10));
        }

        histogram.Record(TimeSpan.FromSeconds(3));
        Assert.InRange(histogram.Quantile(0.99).TotalMilliseconds, 10, 10.3);
        Assert.Equal(TimeSpan.FromSeconds(3), histogram.Quantile(1));
    }

    [Fact]
    public void What_is_outside_the_range_counts_at_its_edges()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.Zero);
        histogram.Record(TimeSpan.FromDays(2));

        Assert.InRange(histogram.Quantile(0.5), TimeSpan.Zero, TimeSpan.FromMicroseconds(10));
        Assert.InRange(histogram.Quantile(1), TimeSpan.FromMinutes(15), TimeSpan.FromDays(2));
    }

    [Fact]
    public void Without_a_recording_a_quantile_is_zero() => Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Quantile(0.99));

    [Theory]
    [InlineData(0)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_quantile_outside_its_range_is_refused(double q) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LatencyHistogram().Quantile(q));
}
