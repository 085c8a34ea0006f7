using System.ComponentModel.DataAnnotations;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class LagOptionsTests
{
    private static List<string> ProblemsOf(LagOptions options) => [.. options.Validate(new ValidationContext(options)).Select(problem => problem.ErrorMessage!)];

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(ProblemsOf(new()));

    [Fact]
    public void An_interval_of_250_ms_is_allowed_and_a_shorter_one_is_not()
    {
        Assert.Empty(ProblemsOf(new() { Interval = TimeSpan.FromMilliseconds(250) }));
        Assert.Equal(
            ["Lag:Interval must be between 00:00:00.250 and 01:00:00, and is 00:00:00.2490000."],
            ProblemsOf(new() { Interval = TimeSpan.FromMilliseconds(249) }));
    }

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(4, ProblemsOf(new() { Interval = TimeSpan.Zero, Window = 2, AllowedLag = -1, Timeout = TimeSpan.Zero }).Count);
}
