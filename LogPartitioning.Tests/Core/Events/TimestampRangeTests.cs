using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.Core.Events;

public sealed class TimestampRangeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 27, 8, 0, 0, TimeSpan.Zero);
    private readonly TimestampRange _range = new(TimeSpan.FromDays(30), TimeSpan.FromDays(1));

    [Theory]
    [InlineData("2026-10-28T08:00:00Z")]
    [InlineData("2026-11-27T08:00:00Z")]
    [InlineData("2026-11-28T08:00:00Z")]
    public void The_ends_are_within_it(string time) => Assert.Null(_range.BrokenBy(DateTimeOffset.Parse(time, null), s_now));

    [Theory]
    [InlineData("2026-10-28T07:59:59.999999Z", "older events would be dropped at once (Store:RetentionDays)")]
    [InlineData("0001-01-01T00:00:00.000001Z", "older events would be dropped at once (Store:RetentionDays)")]
    [InlineData("2026-11-28T08:00:00.000001Z", "it lies too far ahead of the clock (Store:MaxTimestampLead)")]
    [InlineData("9999-12-31T23:59:59.999999Z", "it lies too far ahead of the clock (Store:MaxTimestampLead)")]
    public void What_lies_beyond_is_told_with_both_ends_and_the_setting(string time, string reason) =>
        Assert.Equal(
            $"must be between 2026-10-28T08:00:00Z and 2026-11-28T08:00:00Z, and is {time}: {reason}",
            _range.BrokenBy(DateTimeOffset.Parse(time, null), s_now));
}
