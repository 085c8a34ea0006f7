using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class BlockingSessionTests
{
    [Theory]
    [InlineData("SELECT 1 FROM log_events2 WHERE source = 'secret' AND n > 12.5e3", "SELECT ? FROM log_events2 WHERE source = ? AND n > ?")]
    [InlineData("UPDATE t SET a = 'it''s', b = E'a\\'secret', c = $x$secret$x$", "UPDATE t SET a = ?, b = ?, c = ?")]
    [InlineData("ALTER  TABLE\n\"a 'b' 1\" ADD c1 text -- secret", "ALTER TABLE \"a 'b' 1\" ADD c1 text ?")]
    [InlineData("SELECT * FROM t /* secret */ WHERE id = $1 AND x = 'secret that is cut o", "SELECT * FROM t ? WHERE id = ? AND x = ?")]
    [InlineData("SELECT date'2026-01-01', U&'secret', b'01', N'secret'", "SELECT date?, ?, ?, ?")]
    public void A_statement_is_told_without_its_literals(string query, string told) => Assert.Equal(told, BlockingSession.WithoutLiterals(query));

    [Fact]
    public void It_is_cut_to_200_characters() => Assert.Equal(200, BlockingSession.WithoutLiterals($"SELECT {new string('x', 1000)}").Length);
}
