using System.ComponentModel.DataAnnotations;
using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Tests.Gateway.Scaling;

public sealed class ScalingOptionsTests
{
    private static List<string> SettingsWithProblems(ScalingOptions options) =>
        [.. options.Validate(new ValidationContext(options)).SelectMany(problem => problem.MemberNames)];

    [Fact]
    public void The_defaults_are_valid() => Assert.Empty(SettingsWithProblems(new()));

    [Fact]
    public void All_problems_are_told_at_once() =>
        Assert.Equal(
            [
                nameof(ScalingOptions.LagThreshold), nameof(ScalingOptions.ActivationLagThreshold), nameof(ScalingOptions.MaxConsumers),
                nameof(ScalingOptions.AllowIdleConsumers), nameof(ScalingOptions.HotPartitionShare), nameof(ScalingOptions.Cooldown),
                nameof(ScalingOptions.ScaleInStabilization), nameof(ScalingOptions.WorkersPerInstance),
            ],
            SettingsWithProblems(new()
            {
                LagThreshold = 0,
                ActivationLagThreshold = -1,
                MinConsumers = 5,
                MaxConsumers = 4,
                AllowIdleConsumers = true,
                LimitToPartitionsWithLag = true,
                HotPartitionShare = double.NaN,
                Cooldown = TimeSpan.FromDays(2),
                ScaleInStabilization = TimeSpan.FromSeconds(-1),
                WorkersPerInstance = 0,
            }));
}
