using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Ingest;

namespace LogPartitioning.Tests.Producer.Ingest;

public sealed class SentTimeTests
{
    [Theory]
    [InlineData("2026-11-22T07:00:00Z", "2026-11-22T07:00:00Z", 0)]
    [InlineData("2026-11-22T08:00:00.1234567+01:00", "2026-11-22T07:00:00.123456Z", 700)]
    [InlineData("2026-11-22T07:00:00.123456789123Z", "2026-11-22T07:00:00.123456Z", 789)]
    [InlineData("2026-11-22T07:00:00.00000001Z", "2026-11-22T07:00:00Z", 10)]
    public void What_is_beyond_the_microsecond_is_told_apart(string text, string time, int nanoseconds)
    {
        Assert.True(SentTime.TryParse(text, out var read));
        Assert.Equal((time, nanoseconds), (Rfc3339.Format(read.Time), read.Nanoseconds));
    }

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z", 0)]
    [InlineData(-1, "1969-12-31T23:59:59.999999Z", 999)]
    [InlineData(-1000, "1969-12-31T23:59:59.999999Z", 0)]
    [InlineData(1_795_330_800_123_456_789, "2026-11-22T07:00:00.123456Z", 789)]
    [InlineData(long.MaxValue, "2262-04-11T23:47:16.854775Z", 807)]
    [InlineData(long.MinValue, "1677-09-21T00:12:43.145224Z", 192)]
    public void Nanoseconds_are_a_time_and_what_is_beyond_it(long unix, string time, int nanoseconds)
    {
        var read = SentTime.OfUnixNanoseconds(unix);
        Assert.Equal((time, nanoseconds), (Rfc3339.Format(read.Time), read.Nanoseconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1.5")]
    [InlineData("999999999999999999")]
    [InlineData("-999999999999999")]
    public void Milliseconds_that_are_no_time_are_told(string text) => Assert.False(SentTime.TryParseUnixMilliseconds(text, out _));
}
