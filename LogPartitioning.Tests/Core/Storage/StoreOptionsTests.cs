using System.ComponentModel.DataAnnotations;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class StoreOptionsTests
{
    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(ProblemsOf(new()));

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var options = new StoreOptions
        {
            MaxConnections = 1,
            RetentionDays = 5,
            RetentionDaysByLevel = new Dictionary<string, int> { ["Debgu"] = 3, ["debug"] = 6, ["Trace"] = 0, ["Error"] = 5 },
            MaxTimestampLead = TimeSpan.FromDays(8),
            IdWindowDays = 7,
        };

        Assert.Equal(
            [
                "Store:MaxConnections must be between 5 and 1000, and is 1.",
                "Store:RetentionDaysByLevel:Debgu names no level; there are Trace, Debug, Information, Warning, Error, Critical.",
                "Store:RetentionDaysByLevel:debug must be between 1 and Store:RetentionDays (5), and is 6.",
                "Store:RetentionDaysByLevel:Trace must be between 1 and Store:RetentionDays (5), and is 0.",
                "Store:MaxTimestampLead must be between 00:01:00 and 7.00:00:00, and is 8.00:00:00.",
                "Store:IdWindowDays must be between 1 and Store:RetentionDays (5), and is 7.",
            ],
            ProblemsOf(options));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3651)]
    public void Days_have_a_range(int days) =>
        Assert.Contains($"Store:RetentionDays must be between 1 and 3650, and is {days}.", ProblemsOf(new() { RetentionDays = days, IdWindowDays = Math.Clamp(days, 1, 7) }));

    [Fact]
    public void A_level_goes_earlier_where_its_days_are_fewer()
    {
        var options = new StoreOptions { RetentionDaysByLevel = new Dictionary<string, int> { ["warning"] = 30, ["debug"] = 3, ["TRACE"] = 1 } };

        Assert.Equal([(Severity.Trace, 1), (Severity.Debug, 3)], options.ShorterLevels());
        Assert.Equal("events 30 days, Trace 1, Debug 3, ids 7", options.RetentionInWords());
    }

    private static IEnumerable<string?> ProblemsOf(StoreOptions options) => options.Validate(new ValidationContext(options)).Select(problem => problem.ErrorMessage);
}
