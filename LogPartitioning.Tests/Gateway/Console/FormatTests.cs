using LogPartitioning.Gateway.Console;

namespace LogPartitioning.Tests.Gateway.Console;

public sealed class FormatTests
{
    [Theory]
    [InlineData(new int[0], "none")]
    [InlineData(new[] { 4 }, "4")]
    [InlineData(new[] { 0, 1 }, "0, 1")]
    [InlineData(new[] { 0, 1, 2, 3, 7, 9, 10, 11 }, "0–3, 7, 9–11")]
    public void Partitions_that_follow_each_other_are_written_together(int[] partitions, string text) => Assert.Equal(text, Format.Partitions(partitions));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0 s")]
    [InlineData(0.0873, "87 ms")]
    [InlineData(1.25, "1.3 s")]
    [InlineData(119.0, "119 s")]
    [InlineData(120.0, "2 min")]
    [InlineData(7200.0, "2 h")]
    [InlineData(200_000.0, "2.3 days")]
    public void A_length_of_time_is_a_small_number(double? seconds, string text) => Assert.Equal(text, Format.Seconds(seconds));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.0, "0/s")]
    [InlineData(0.126, "0.13/s")]
    [InlineData(54.94, "54.9/s")]
    [InlineData(54_900.4, "54,900/s")]
    public void A_rate_has_the_digits_that_say_something(double? rate, string text) => Assert.Equal(text, Format.Rate(rate));

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(0.004, "0.4 %")]
    [InlineData(0.51, "51 %")]
    public void A_share_is_in_percent(double share, string text) => Assert.Equal(text, Format.Percent(share));
}
