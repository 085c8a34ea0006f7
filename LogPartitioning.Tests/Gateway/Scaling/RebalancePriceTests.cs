using LogPartitioning.Core.GroupState;
using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Tests.Gateway.Scaling;

public sealed class RebalancePriceTests
{
    [Theory]
    [InlineData(12, 3, 6, 6)]
    [InlineData(12, 6, 3, 6)]
    [InlineData(12, 3, 3, 0)]
    [InlineData(12, 0, 3, 12)]
    [InlineData(12, 9, 12, 3)]
    [InlineData(12, 12, 15, 0)]
    [InlineData(12, 1, 12, 11)]
    [InlineData(7, 2, 3, 2)]
    [InlineData(0, 1, 2, 0)]
    public void What_moves_is_what_those_that_stay_do_not_keep(int partitions, int from, int to, int moved) => Assert.Equal(moved, RebalancePrice.Moved(partitions, from, to));

    [Fact]
    public void The_pause_is_the_median_of_what_was_measured_of_partitions_that_moved()
    {
        var handed = Rebalance([]) with { Cause = RebalanceCause.Shutdown, GivenUp = [1, 2, 3, 5] };
        var gained = Rebalance([1, 2], (1, 100), (2, 900), (5, 9000)) with { Cause = RebalanceCause.Leave };

        var price = RebalancePrice.Of(Advice(current: 3, desired: 6, instances: 2), 12, [gained, Rebalance([3], (3, 300)), handed]);

        Assert.Equal((6, 300.0, 900.0, 3), (price.Partitions, price.PauseMs, price.LongestPauseMs, price.MeasuredPauses));
        Assert.Equal("Going from 3 to 6 consumers would move 6 of 12 partitions; each would pause for about 300 ms, at worst 900 ms, by 3 measured pauses. The others go on.", price.Text);
    }

    [Fact]
    public void What_was_taken_after_a_stop_of_all_or_a_crash_is_no_price_and_what_another_handed_over_is()
    {
        var start = new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);
        var first = Rebalance([1, 2], (1, 186_035), (2, 1_200)) with { Cause = RebalanceCause.First, At = start };
        var stopped = Rebalance([]) with { Cause = RebalanceCause.Shutdown, GivenUp = [1, 2], At = start };
        var handed = Rebalance([]) with { Cause = RebalanceCause.Join, GivenUp = [2], At = start.AddSeconds(-2) };
        var crashed = Rebalance([4], (4, 31_500)) with { Cause = RebalanceCause.Leave, At = start };

        var price = RebalancePrice.Of(Advice(current: 3, desired: 6, instances: 2), 12, [first, crashed, stopped, handed]);

        Assert.Equal("Going from 3 to 6 consumers would move 6 of 12 partitions; each would pause for about 1.2 s, at worst 1.2 s, by 1 measured pause. The others go on.", price.Text);
        Assert.Equal(0, RebalancePrice.Of(Advice(current: 3, desired: 6, instances: 2), 12, [first, stopped, handed with { At = start.AddMinutes(-2) }]).MeasuredPauses);
    }

    [Fact]
    public void Where_the_advice_is_what_there_is_it_is_that_of_one_more_instance_and_says_what_is_not_known() => Assert.Equal(
        "One more instance (3 consumers) would move 6 of 12 partitions; no pause of a moved partition has been measured yet.",
        RebalancePrice.Of(Advice(current: 3, desired: 3, instances: 1), 12, []).Text);

    private static ScalingAdvice Advice(int current, int desired, int instances) => new(default, current, desired, desired, 3, 1, instances, 0, []);

    private static RebalanceEvent Rebalance(int[] gained, params (int Partition, double Ms)[] pauses) => new()
    {
        Id = Guid.NewGuid(),
        At = default,
        Instance = "consumer-1",
        Group = "log-processors",
        Cause = RebalanceCause.Join,
        Gained = gained,
        GivenUp = [],
        Pauses = [.. pauses.Select(pause => new PartitionPause(pause.Partition, pause.Ms))],
    };
}
