using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class EndOffsetTimelineTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double seconds) => s_start.AddSeconds(seconds);

    [Theory]
    // Readings as seconds:end; the record's offset; when it is asked for; its age, and whether that is only the least.
    [InlineData("0:0 10:100", 50, 30, 24.95, false)] // between two readings: the 51st of 100 in ten seconds, its middle at 5.05 s
    [InlineData("0:100 10:200", 99, 25, 25, true)] // older than the first reading
    [InlineData("0:100", 100, 25, 0, false)] // read to the end
    [InlineData("0:1000 10:10", 5, 20, 10, true)] // the end went back: a new history
    public void The_age_of_a_record_comes_from_the_readings_around_it(string readings, long offset, double at, double seconds, bool isAtLeast)
    {
        var timeline = new EndOffsetTimeline();
        foreach (var reading in readings.Split(' ').Select(reading => reading.Split(':')))
        {
            timeline.Add(At(double.Parse(reading[0], null)), long.Parse(reading[1], null));
        }

        var (age, atLeast) = timeline.AgeOf(offset, At(at));

        Assert.Equal(seconds, age.TotalSeconds, 3);
        Assert.Equal(isAtLeast, atLeast);
    }

    [Fact]
    public void Age_counts_from_the_time_of_growth_not_from_the_readings_before()
    {
        var timeline = new EndOffsetTimeline();
        timeline.Add(At(0), 100);
        timeline.Add(At(60), 100);
        timeline.Add(At(120), 100);
        timeline.Add(At(121), 200);

        var (age, atLeast) = timeline.AgeOf(100, At(121));

        Assert.InRange(age.TotalSeconds, 0, 1);
        Assert.False(atLeast);
    }

    [Fact]
    public void Memory_is_bounded_and_the_recent_past_stays_exact()
    {
        var timeline = new EndOffsetTimeline();
        for (var i = 0; i <= 100_000; i++)
        {
            timeline.Add(At(i), i * 10L);
            Assert.True(timeline.Count <= EndOffsetTimeline.Capacity);
        }

        Assert.Equal(100.0, timeline.AgeOf((100_000 - 100) * 10L, At(100_000)).Age.TotalSeconds, 0);
        // A steady rate is interpolated rightly however coarse the distant past has become.
        Assert.Equal(50_000.0, timeline.AgeOf(500_000, At(100_000)).Age.TotalSeconds, 0);
        Assert.False(timeline.AgeOf(0, At(100_000)).AtLeast);
    }
}
