using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.Core.Events;

public sealed class SeverityNamesTests
{
    [Theory]
    [InlineData(Severity.Trace, "Trace TRACE trc verbose finest finer")]
    [InlineData(Severity.Debug, "Debug DEBUG dbg fine")]
    [InlineData(Severity.Information, "Information INFO info inf informational Notice")]
    [InlineData(Severity.Warning, "Warning WARN warn wrn WARNING")]
    [InlineData(Severity.Error, "Error ERROR err eror SEVERE")]
    [InlineData(Severity.Critical, "Critical crit FATAL ftl alert emerg EMERGENCY panic")]
    public void Every_usual_spelling_is_understood(Severity level, string spellings) =>
        Assert.All(spellings.Split(' '), spelling =>
        {
            Assert.True(SeverityNames.TryParse(spelling, out var parsed), spelling);
            Assert.Equal(level, parsed);
        });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("2")]
    [InlineData(" info")]
    [InlineData("informations")]
    [InlineData("Debug, Error")]
    public void Anything_else_is_not(string? text) => Assert.False(SeverityNames.TryParse(text, out _));

    [Theory]
    [InlineData("info")]
    [InlineData("WARNING")]
    [InlineData("0")]
    public void Only_canonical_names_stand_in_a_record(string text) => Assert.False(SeverityNames.TryParseCanonical(text, out _));

    [Fact]
    public void Stored_numbers_never_change() =>
        Assert.Equal([0, 1, 2, 3, 4, 5], Enum.GetValues<Severity>().Select(level => (int)level));
}
