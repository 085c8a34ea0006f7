using FsCheck;
using FsCheck.Xunit;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.Query;

public sealed class LogCursorTests
{
    [Property]
    public void A_cursor_reads_back_what_it_says(Dictionary<NonNegativeInt, NonNegativeInt> offsets)
    {
        var expected = offsets.ToDictionary(o => o.Key.Get, o => (long)o.Value.Get << 20);

        Assert.True(LogCursor.TryParse(new LogCursor(expected).ToString(), out var cursor));
        Assert.Equal(expected.OrderBy(o => o.Key), cursor.LastOffsets.OrderBy(o => o.Key));
    }

    [Property]
    public bool Any_text_is_either_a_cursor_or_refused(string? text) => LogCursor.TryParse(text, out var cursor) == (cursor is not null);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("AA")]
    [InlineData("AQAAAAE")]
    [InlineData("Af____8AAAAAAAAAAA")]
    public void What_is_no_cursor_is_refused(string? text) => Assert.False(LogCursor.TryParse(text, out _));
}
