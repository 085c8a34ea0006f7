using FsCheck;
using FsCheck.Xunit;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.Query;

public sealed class TimeRangeTests
{
    private static readonly DateTime s_start = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    [Property]
    public void The_pieces_are_the_whole_in_order_and_none_has_more_than_a_day_that_is_made(byte[] days, uint from, uint length, bool open)
    {
        var range = open ? TimeRange.All : new TimeRange(s_start.AddSeconds(from % 20_000_000), s_start.AddSeconds(from % 20_000_000 + length % 9_000_000));
        var made = days.Distinct().Select(day => DateOnly.FromDateTime(s_start).AddDays(day)).ToList();

        var pieces = range.ByDay(made, LogOrder.Oldest).ToList();

        Assert.Equal(pieces.AsEnumerable().Reverse(), range.ByDay(made, LogOrder.Newest));
        Assert.Equal(range.IsEmpty, pieces.Count == 0);
        if (pieces.Count > 0)
        {
            Assert.Equal((range.From, range.To), (pieces[0].From, pieces[^1].To));
            Assert.Equal(pieces.SkipLast(1).Select(piece => piece.To), pieces.Skip(1).Select(piece => piece.From));
            Assert.All(pieces, piece => Assert.False(piece.IsEmpty));
            Assert.All(pieces, piece => Assert.True(
                made.Contains(DateOnly.FromDateTime(piece.From)) ? piece.To <= piece.From.Date.AddDays(1) : !made.Any(day => day.ToDateTime(default) is var start && start >= piece.From && start < piece.To)));
        }
    }

    [Fact]
    public void The_last_moment_is_not_passed() =>
        Assert.Equal(TimeRange.All, TimeRange.UpTo(new DateTime(DateTime.MaxValue.Ticks - 9, DateTimeKind.Utc)));
}
