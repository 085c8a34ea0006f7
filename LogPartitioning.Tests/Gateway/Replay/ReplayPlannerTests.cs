using FsCheck.Xunit;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Replay;

namespace LogPartitioning.Tests.Gateway.Replay;

public sealed class ReplayPlannerTests
{
    [Fact]
    public void A_replay_ends_where_the_group_stands()
    {
        var plan = Decide(from: 10, position: 40, low: 0, high: 100);

        Assert.Equal([new OffsetRange(0, 10, 40)], Assert.IsType<ReplayPlan.Accepted>(plan).Ranges);
    }

    [Fact]
    public void Records_that_retention_has_removed_are_refused_with_the_oldest_offset_left()
    {
        var plan = Decide(from: 10, position: 40, low: 11, high: 100);

        Assert.Equal("partition 0: the brokers hold records from offset 11 on, not from 10", Assert.IsType<ReplayPlan.Gone>(plan).Reason);
    }

    [Fact]
    public void Records_that_ended_before_the_position_are_refused()
    {
        // As after a topic was deleted and made again under the same name.
        var plan = Decide(from: 0, position: 40, low: 0, high: 3);

        Assert.Contains("end at 3", Assert.IsType<ReplayPlan.Gone>(plan).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offset_that_was_never_reached_is_out_of_range()
    {
        var plan = Decide(from: 41, position: 40, low: 0, high: 100);

        Assert.Contains("up to offset 40", Assert.IsType<ReplayPlan.OutOfRange>(plan).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_position_itself_is_an_empty_replay() =>
        Assert.Equal(0, Assert.IsType<ReplayPlan.Accepted>(Decide(from: 40, position: 40, low: 40, high: 40)).Ranges.Single().Length);

    [Fact]
    public void Among_all_partitions_the_short_ones_have_nothing_to_replay()
    {
        var plan = ReplayPlanner.Decide(
            [0, 1],
            new Dictionary<int, long> { [0] = 5, [1] = 5 },
            new Dictionary<int, long> { [0] = 9 },
            new Dictionary<int, PartitionBounds> { [0] = new(0, 9), [1] = new(0, 0) },
            byTime: false);

        Assert.Equal([new OffsetRange(0, 5, 9)], Assert.IsType<ReplayPlan.Accepted>(plan).Ranges);
    }

    [Property(MaxTest = 1000)]
    public bool An_accepted_range_is_held_by_the_brokers_and_below_the_position(ushort from, ushort position, ushort low, ushort records) =>
        ReplayPlanner.Decide(
            [0],
            new Dictionary<int, long> { [0] = from },
            new Dictionary<int, long> { [0] = position },
            new Dictionary<int, PartitionBounds> { [0] = new(low, low + records) },
            byTime: false) is not ReplayPlan.Accepted accepted
        || accepted.Ranges.All(r => r.Length == 0 || (r.From >= low && r.To <= position && r.To <= low + records));

    private static ReplayPlan Decide(long from, long position, long low, long high) => ReplayPlanner.Decide(
        [0],
        new Dictionary<int, long> { [0] = from },
        new Dictionary<int, long> { [0] = position },
        new Dictionary<int, PartitionBounds> { [0] = new(low, high) },
        byTime: false);
}
