using System.ComponentModel.DataAnnotations;
using LogPartitioning.Gateway.Audit;

namespace LogPartitioning.Tests.Gateway.Audit;

public sealed class AuditOptionsTests
{
    [Theory]
    [InlineData("00:00:00", 1, "00:00:00")]
    [InlineData("00:00:05", 5000, "00:00:01")]
    [InlineData("01:00:00", 200, "01:00:00")]
    public void What_is_in_range_is_taken(string interval, int records, string canary) => Assert.Empty(Problems(interval, records, canary));

    [Fact]
    public void What_is_not_is_told_all_at_once() => Assert.Equal(
        [
            "Audit:Interval must be 0 or between 00:00:05 and 01:00:00, and is 00:00:04.",
            "Audit:Records must be between 1 and 5000, and is 0.",
            "Audit:CanaryInterval must be 0 or between 00:00:01 and 01:00:00, and is 00:00:00.5000000.",
        ],
        Problems("00:00:04", 0, "00:00:00.500"));

    private static IEnumerable<string?> Problems(string interval, int records, string canary) =>
        new AuditOptions { Interval = TimeSpan.Parse(interval, null), Records = records, CanaryInterval = TimeSpan.Parse(canary, null) }
            .Validate(new ValidationContext(new object())).Select(problem => problem.ErrorMessage);
}
