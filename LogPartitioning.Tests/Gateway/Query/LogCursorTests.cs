using FsCheck;
using FsCheck.Xunit;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.Query;

public sealed class LogCursorTests
{
    [Property]
    public void A_cursor_reads_back_what_it_says(bool newest, DateTime timestamp, NonNegativeInt partition, PositiveInt log, NonNegativeInt offset)
    {
        var ticks = Math.Max(timestamp.Ticks - timestamp.Ticks % TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerMicrosecond);
        var cursor = new LogCursor(
            newest ? LogOrder.Newest : LogOrder.Oldest,
            new(new DateTime(ticks, DateTimeKind.Utc), partition.Get, (short)(log.Get % short.MaxValue + 1), (long)offset.Get << 20));

        Assert.True(LogCursor.TryParse(cursor.ToString(), out var read, out var problem));
        Assert.Equal(cursor, read);
        Assert.Null(problem);
    }

    [Property]
    public bool Any_text_is_either_a_cursor_or_refused(string? text) =>
        LogCursor.TryParse(text, out var cursor, out var problem) ? cursor is not null && problem is null : cursor is null && problem is not null;

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("Ag")]
    [InlineData("AgIAAAAAAAAACgAAAAAAAQAAAAAAAAAA")] // an order that there is not
    [InlineData("AgAAAAAAAAAACwAAAAAAAQAAAAAAAAAA")] // a time between microseconds
    [InlineData("AgAAAAAAAAAAAAAAAAAAAQAAAAAAAAAA")] // minus infinity
    [InlineData("AgAAAAAAAAAACgAAAAAAAAAAAAAAAAAA")] // no log
    [InlineData("AgAAAAAAAAAACgAAAAAAAQAAAAAAAAAAAA")] // more than there should be
    public void What_is_no_cursor_is_refused(string? text) => Assert.False(LogCursor.TryParse(text, out _, out _));

    [Fact]
    public void The_one_beside_them_is_read() => Assert.True(LogCursor.TryParse("AgAAAAAAAAAACgAAAAAAAQAAAAAAAAAA", out _, out _));
}
