using System.Text;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.Core.Events;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-11-22T07:00:00Z", "2026-11-22T07:00:00Z")]
    [InlineData("2026-11-22t07:00:00z", "2026-11-22T07:00:00Z")]
    [InlineData("2026-11-22T07:00:00.123Z", "2026-11-22T07:00:00.123Z")]
    [InlineData("2026-11-22T07:00:00.1234567899Z", "2026-11-22T07:00:00.123456Z")]
    [InlineData("2026-11-22T07:00:00.5+02:00", "2026-11-22T05:00:00.5Z")]
    [InlineData("2026-11-22T23:30:00-23:59", "2026-11-23T23:29:00Z")]
    [InlineData("2026-11-22T07:00:00-00:00", "2026-11-22T07:00:00Z")]
    [InlineData("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z")]
    [InlineData("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")]
    [InlineData("2016-12-31T18:59:60.9-05:00", "2017-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00.000001Z", "0001-01-01T00:00:00.000001Z")]
    [InlineData("0001-01-01T00:00:01+00:00", "0001-01-01T00:00:01Z")]
    [InlineData("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z")]
    public void A_time_is_read_and_written_in_utc(string text, string canonical)
    {
        Assert.True(Rfc3339.TryParse(text, out var time));
        Assert.Equal(TimeSpan.Zero, time.Offset);
        Assert.Equal(canonical, Rfc3339.Format(time));
        Span<byte> utf8 = stackalloc byte[32];
        Assert.Equal(canonical, Encoding.ASCII.GetString(utf8[..Rfc3339.Format(time, utf8)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-11-22")]
    [InlineData("2026-11-22T07:00:00")]
    [InlineData("2026-11-22 07:00:00Z")]
    [InlineData("2026-11-22T07:00Z")]
    [InlineData("2026-11-22T07:00:00.Z")]
    [InlineData("2026-11-22T07:00:00,5Z")]
    [InlineData("2026-11-22T07:00:00+0200")]
    [InlineData("2026-11-22T07:00:00+02")]
    [InlineData("2026-11-22T07:00:00+24:00")]
    [InlineData("2026-11-22T07:00:00+01:60")]
    [InlineData("2026-11-22T07:00:00Z ")]
    [InlineData(" 2026-11-22T07:00:00Z")]
    [InlineData("2026-11-22T24:00:00Z")]
    [InlineData("2026-11-22T07:60:00Z")]
    [InlineData("2026-11-22T07:00:61Z")]
    [InlineData("2026-11-22T07:00:60Z")]
    [InlineData("2026-13-01T07:00:00Z")]
    [InlineData("2026-00-01T07:00:00Z")]
    [InlineData("2026-02-29T07:00:00Z")]
    [InlineData("2026-11-00T07:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00.0000009Z")]
    [InlineData("0001-01-01T01:00:00+01:00")]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("9999-12-31T23:59:60Z")]
    [InlineData("+2026-11-22T07:00:00Z")]
    [InlineData("２０２６-11-22T07:00:00Z")]
    public void Anything_else_is_refused(string text) => Assert.False(Rfc3339.TryParse(text, out _));

    [Fact]
    public void The_range_in_words_is_the_range()
    {
        var ends = Rfc3339.Range.Split("from ")[1].Split(" to ");
        Assert.True(Rfc3339.TryParse(ends[0], out var first));
        Assert.True(Rfc3339.TryParse(ends[1], out var last));
        Assert.False(Rfc3339.TryParse(Rfc3339.Format(first.AddMicroseconds(-1)), out _));
        Assert.True(DateTimeOffset.MaxValue - last < TimeSpan.FromMicroseconds(1));
    }
}
