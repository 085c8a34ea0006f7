using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class EndOffsetTimelineTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    private static DateTimeOffset At(double seconds) => s_start.AddSeconds(seconds);

    [Fact]
    public void Age_of_a_record_between_two_readings_is_interpolated()
    {
        var timeline = new EndOffsetTimeline();
        timeline.Add(At(0), 0);
        timeline.Add(At(10), 100);

        var (age, atLeast) = timeline.AgeOf(50, At(30));

        // Offset 50 is the 51st of 100 records in ten seconds: its middle lies at 5.05 s.
        Assert.Equal(24.95, age.TotalSeconds, 3);
        Assert.False(atLeast);
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
    public void A_record_older_than_the_first_reading_has_at_least_that_age()
    {
        var timeline = new EndOffsetTimeline();
        timeline.Add(At(0), 100);
        timeline.Add(At(10), 200);

        Assert.Equal((TimeSpan.FromSeconds(25), true), timeline.AgeOf(99, At(25)));
    }

    [Fact]
    public void What_was_read_to_the_end_has_no_age()
    {
        var timeline = new EndOffsetTimeline();
        timeline.Add(At(0), 100);

        Assert.Equal((TimeSpan.Zero, false), timeline.AgeOf(100, At(25)));
    }

    [Fact]
    public void An_end_that_went_back_starts_a_new_history()
    {
        var timeline = new EndOffsetTimeline();
        timeline.Add(At(0), 1000);
        timeline.Add(At(10), 10);

        Assert.Equal((TimeSpan.FromSeconds(10), true), timeline.AgeOf(5, At(20)));
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
