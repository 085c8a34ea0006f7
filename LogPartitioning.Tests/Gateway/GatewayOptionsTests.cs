using System.ComponentModel.DataAnnotations;
using LogPartitioning.Gateway;

namespace LogPartitioning.Tests.Gateway;

public sealed class GatewayOptionsTests
{
    private static List<string> SettingsWithProblems(GatewayOptions options) =>
        [.. options.Validate(new ValidationContext(options)).SelectMany(problem => problem.MemberNames)];

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(SettingsWithProblems(new()));

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(7, SettingsWithProblems(new()
        {
            RequestsPerSecond = 0,
            Burst = -1,
            ConcurrentRequests = 0,
            MaxBodyBytes = 0,
            ProducerTimeout = TimeSpan.Zero,
            ResendTime = TimeSpan.FromTicks(-1),
            Producer = "producer",
        }).Count);
}
