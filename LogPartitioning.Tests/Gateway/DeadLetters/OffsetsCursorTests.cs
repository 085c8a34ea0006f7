using FsCheck;
using FsCheck.Xunit;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Tests.Gateway.DeadLetters;

public sealed class OffsetsCursorTests
{
    [Property]
    public void A_cursor_reads_back_what_it_says(Dictionary<NonNegativeInt, NonNegativeInt> offsets)
    {
        var expected = offsets.ToDictionary(o => o.Key.Get, o => (long)o.Value.Get << 20);

        foreach (var order in Enum.GetValues<LogOrder>())
        {
            Assert.True(OffsetsCursor.TryParse(new OffsetsCursor(expected, order).ToString(), out var cursor));
            Assert.Equal(expected.OrderBy(o => o.Key), cursor.Offsets.OrderBy(o => o.Key));
            Assert.Equal(order, cursor.Order);
        }
    }

    [Property]
    public bool Any_text_is_either_a_cursor_or_refused(string? text) => OffsetsCursor.TryParse(text, out var cursor) == (cursor is not null);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("AA")]
    [InlineData("Ag")]
    [InlineData("BA")]
    [InlineData("AQAAAAE")]
    [InlineData("Af____8AAAAAAAAAAA")]
    public void What_is_no_cursor_is_refused(string? text) => Assert.False(OffsetsCursor.TryParse(text, out _));
}
