using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class DrainEstimateTests
{
    [Fact]
    public void The_time_is_the_lag_divided_by_the_gain() =>
        Assert.Equal(new DrainEstimate(60, "in 60 s"), DrainEstimate.From(6000, consumedPerSecond: 300, arrivingPerSecond: 200));

    [Theory]
    [InlineData(100, 100)]
    [InlineData(100, 200)]
    [InlineData(0, 0)]
    public void Without_a_gain_the_lag_never_drains(double consumed, double arriving) =>
        Assert.Equal(new DrainEstimate(null, "never at this rate"), DrainEstimate.From(1, consumed, arriving));

    [Fact]
    public void Without_lag_it_is_drained_whatever_the_rates() =>
        Assert.Equal(new DrainEstimate(0, "drained"), DrainEstimate.From(0, 0, 100));

    [Theory]
    [InlineData(0.5, "in less than a second")]
    [InlineData(119, "in 119 s")]
    [InlineData(600, "in 10 min")]
    [InlineData(9000, "in 2.5 h")]
    [InlineData(864000, "in 10 days")]
    public void The_estimate_is_in_the_unit_that_fits(double seconds, string words) =>
        Assert.Equal(words, DrainEstimate.From(1000, 1000 / seconds, 0).Text);
}
