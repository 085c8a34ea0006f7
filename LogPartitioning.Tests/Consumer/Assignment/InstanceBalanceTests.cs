using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Consumer.Assignment;

public sealed class InstanceBalanceTests
{
    /// <summary>Three instances of three workers; each number is how many partitions a worker has.</summary>
    private static GroupOffsets Group(string state, int partitions, params int[][] instances)
    {
        var next = 0;
        var members = instances
            .SelectMany((workers, i) => workers.Select((count, w) =>
                new GroupMember($"consumer-{i + 1}/{w}", [.. Enumerable.Range((next += count) - count, count)])))
            .ToList();
        return new(DateTimeOffset.UnixEpoch, state, members, [.. Enumerable.Range(0, partitions).Select(p => new PartitionOffsets(p, 0, 0, 0, null, 3, 3))]);
    }

    [Fact]
    public void The_fullest_instance_gives_back_its_last_of_the_fullest_workers()
    {
        var group = Group("Stable", 12, [2, 2, 2], [1, 1, 1], [1, 1, 1]);

        Assert.Equal(2, InstanceBalance.WorkerToHandBack(group, "consumer-1"));
        Assert.Null(InstanceBalance.WorkerToHandBack(group, "consumer-2"));
    }

    [Fact]
    public void Of_two_equally_full_instances_the_first_acts()
    {
        var group = Group("Stable", 13, [2, 2, 1], [2, 2, 1], [1, 1, 1]);

        Assert.Equal(1, InstanceBalance.WorkerToHandBack(group, "consumer-1"));
        Assert.Null(InstanceBalance.WorkerToHandBack(group, "consumer-2"));
    }

    [Fact]
    public void Nothing_is_handed_back_where_instances_differ_by_one_at_most()
    {
        Assert.Null(InstanceBalance.WorkerToHandBack(Group("Stable", 12, [2, 1, 1], [2, 1, 1], [2, 1, 1]), "consumer-1"));
        Assert.Null(InstanceBalance.WorkerToHandBack(Group("Stable", 13, [2, 2, 1], [2, 1, 1], [2, 1, 1]), "consumer-1"));
    }

    [Theory]
    [InlineData("PreparingRebalance", 12)]
    [InlineData("Stable", 13)] // A partition that nobody owns: a rebalance is on its way.
    public void An_unsettled_group_is_left_alone(string state, int partitions) =>
        Assert.Null(InstanceBalance.WorkerToHandBack(Group(state, partitions, [2, 2, 2], [1, 1, 1], [1, 1, 1]), "consumer-1"));

    [Fact]
    public void Instances_of_different_sizes_are_left_alone() =>
        Assert.Null(InstanceBalance.WorkerToHandBack(Group("Stable", 12, [2, 2, 2], [2, 2], [1, 1]), "consumer-1"));
}
