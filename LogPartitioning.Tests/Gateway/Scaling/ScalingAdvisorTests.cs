using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Scaling;
using LogPartitioning.Tests.Core.Lag;

namespace LogPartitioning.Tests.Gateway.Scaling;

public sealed class ScalingAdvisorTests
{
    private readonly ScalingOptions _options = new();

    /// <summary>Twelve partitions, of which each has the lag given for it, and <paramref name="members"/> members that share them.</summary>
    private static LagReport Report(double seconds, int members, params long[] lags)
    {
        var partitions = Enumerable.Range(0, 12)
            .Select(partition => Readings.Partition(
                partition,
                end: 1_000_000,
                committed: 1_000_000 - (partition < lags.Length ? lags[partition] : 0),
                owner: members == 0 ? null : $"consumer-1/{partition % members}"))
            .ToArray();
        return Readings.Report(Readings.Offsets(Readings.Start.AddSeconds(seconds), partitions));
    }

    /// <summary>A lag spread evenly over the partitions.</summary>
    private static long[] Even(long total) => [.. Enumerable.Range(0, 12).Select(partition => (total / 12) + (partition < total % 12 ? 1 : 0))];

    [Fact]
    public void What_an_operator_has_paused_calls_for_nobody()
    {
        var report = Report(0, 3, 50_000, 1_500);
        var pause = PartitionHalt.FromRecord(HaltCause.Paused, "", null);
        var advice = new ScalingAdvisor(_options).Advise(
            report with { Partitions = [.. report.Partitions.Select(partition => partition.Partition == 0 ? partition with { Halt = pause } : partition)] }, 3);
        Assert.Equal(2, advice.Desired);
        Assert.Equal(["the lag of 50000 in partitions that an operator has paused is left out", "lag 1500 / threshold 1000 calls for 2"], advice.Reasons.Take(2));

        var all = new ScalingAdvisor(new() { MinConsumers = 0, Cooldown = TimeSpan.Zero }).Advise(
            report with { Partitions = [.. report.Partitions.Select(partition => partition with { Halt = pause })] }, 3);
        Assert.Equal(0, all.Desired);
    }

    [Fact]
    public void Lag_5500_at_threshold_1000_calls_for_6()
    {
        var advice = new ScalingAdvisor(_options).Advise(Report(0, 0, Even(5_500)), workersPerInstance: null);

        Assert.Equal((6, 2, 0), (advice.Desired, advice.DesiredInstances, advice.Current));
        Assert.Equal(["lag 5500 / threshold 1000 calls for 6"], advice.Reasons);
    }

    [Fact]
    public void Lag_100000_calls_for_the_12_partitions_not_for_100()
    {
        var advice = new ScalingAdvisor(_options).Advise(Report(0, 3, Even(100_000)), workersPerInstance: 3);

        Assert.Equal((12, 4), (advice.Desired, advice.DesiredInstances));
        Assert.Equal(
            ["lag 100000 / threshold 1000 calls for 100", "limited to 12: there are 12 partitions, and further consumers would idle"],
            advice.Reasons);
    }

    [Fact]
    public void After_the_lag_is_gone_it_waits_for_the_window_before_it_says_1()
    {
        var advisor = new ScalingAdvisor(_options);
        Assert.Equal(6, advisor.Advise(Report(0, 3, Even(5_500)), 3).Desired);

        var waiting = advisor.Advise(Report(299, 6), 3);
        Assert.Equal((6, 1), (waiting.Desired, waiting.Recommended));
        Assert.Contains("1 would do now, but 6 were called for 299 s ago: waiting 1 s more before scaling in", waiting.Reasons);

        var after = advisor.Advise(Report(301, 6), 3);
        Assert.Equal(1, after.Desired);
        Assert.Equal(["nothing waits", "1 is the minimum"], after.Reasons);
    }

    [Fact]
    public void It_rises_at_once_whatever_the_window_holds()
    {
        var advisor = new ScalingAdvisor(_options);
        Assert.Equal(1, advisor.Advise(Report(0, 1), 3).Desired);
        Assert.Equal(3, advisor.Advise(Report(1, 1, Even(3_000)), 3).Desired);
        Assert.Equal(4, advisor.Advise(Report(2, 1, Even(3_001)), 3).Desired);
    }

    [Fact]
    public void A_single_hot_partition_is_not_helped_by_more()
    {
        var advice = new ScalingAdvisor(_options).Advise(Report(0, 0, 50_000), 3);

        Assert.Equal(1, advice.Desired);
        Assert.Contains(advice.Reasons, reason => reason.StartsWith("limited to 1: partition 0 holds 100 % of the lag and one consumer reads it", StringComparison.Ordinal));
    }

    [Fact]
    public void With_a_hot_partition_those_that_are_there_are_not_advised_away()
    {
        var advice = new ScalingAdvisor(_options).Advise(Report(0, 3, 50_000, 1_000), 3);
        Assert.Equal(3, advice.Desired);
    }

    [Fact]
    public void Two_equally_loaded_partitions_are_not_taken_for_one_bottleneck()
    {
        var advice = new ScalingAdvisor(_options).Advise(Report(0, 0, 3_000, 3_000), 3);
        Assert.Equal(6, advice.Desired);
    }

    [Fact]
    public void Limited_to_partitions_with_lag_when_asked()
    {
        _options.LimitToPartitionsWithLag = true;
        var advice = new ScalingAdvisor(_options).Advise(Report(0, 0, 3_000, 3_000, 3_000), 3);

        Assert.Equal(3, advice.Desired);
        Assert.Contains("limited to 3: 3 partitions have lag, and further consumers would have nothing to catch up with", advice.Reasons);
    }

    [Fact]
    public void Idle_consumers_are_advised_only_when_allowed()
    {
        _options.AllowIdleConsumers = true;
        Assert.Equal(100, new ScalingAdvisor(_options).Advise(Report(0, 0, Even(100_000)), 3).Desired);
    }

    [Fact]
    public void Lag_that_does_not_move_is_left_out_when_asked()
    {
        _options.ExcludePersistentLag = true;
        var advisor = new ScalingAdvisor(_options);
        Assert.Equal(8, advisor.Advise(Report(0, 1, 2_000, 2_000, 2_000, 2_000), 3).Recommended);

        var advice = advisor.Advise(Report(30, 1, 2_000, 1_900, 1_900, 1_900), 3);

        Assert.Equal(6, advice.Recommended);
        Assert.Contains("the lag of 2000 in 1 partitions whose offsets did not move since the last reading is left out", advice.Reasons);
    }

    [Fact]
    public void Below_the_activation_threshold_the_minimum_is_enough()
    {
        _options.ActivationLagThreshold = 5_500;
        Assert.Equal(1, new ScalingAdvisor(_options).Advise(Report(0, 0, Even(5_500)), 3).Desired);
        Assert.Equal(6, new ScalingAdvisor(_options).Advise(Report(0, 0, Even(5_501)), 3).Desired);
    }

    [Fact]
    public void To_zero_only_after_the_cooldown()
    {
        _options.MinConsumers = 0;
        _options.ScaleInStabilization = TimeSpan.Zero;
        var advisor = new ScalingAdvisor(_options);
        Assert.Equal(1, advisor.Advise(Report(0, 1, 10), 3).Desired);
        Assert.Equal(1, advisor.Advise(Report(299, 1), 3).Desired);
        Assert.Equal(0, advisor.Advise(Report(300, 1), 3).Desired);
    }

    [Fact]
    public void Something_that_waits_needs_a_consumer_whatever_the_minimum()
    {
        _options.MinConsumers = 0;
        _options.MaxConsumers = 4;
        Assert.Equal(1, new ScalingAdvisor(_options).Advise(Report(0, 0, 1), 3).Desired);
        Assert.Equal(4, new ScalingAdvisor(_options).Advise(Report(0, 0, Even(100_000)), 3).Desired);
    }
}
