using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class StoreSpansTests
{
    [Theory]
    [InlineData("SELECT 1", "SELECT")]
    [InlineData("\n  UPDATE consumer_offsets AS o\nSET next_offset = 1", "UPDATE")]
    [InlineData("WITH\nx AS (SELECT 1) SELECT * FROM x", "WITH")]
    [InlineData("rollback", "ROLLBACK")]
    [InlineData("  ", null)]
    public void A_span_is_named_after_the_statements_first_word(string statement, string? name) =>
        Assert.Equal(name, StoreSpans.NameOf(statement));
}
