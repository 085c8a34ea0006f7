using LogPartitioning.Core.GroupState;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Tests.Core.GroupState;
using static LogPartitioning.Tests.Core.Lag.Readings;

namespace LogPartitioning.Tests.Gateway.Group;

public sealed class GroupViewsTests
{
    private static readonly GroupView s_away = new(false, "Redis does not answer: not connected", []);

    private static GroupView Live(params (string Instance, int[] Partitions)[] instances) =>
        new(true, null, [.. instances.Select(instance => GroupSamples.Instance with
        {
            Instance = instance.Instance,
            Workers = [new(0, instance.Instance + "/0", "running", instance.Partitions, Start)],
            Partitions = [],
            Stores = new Dictionary<string, StoreState>(),
        })]);

    [Fact]
    public void Assignment_comes_from_the_instances_and_names_what_nobody_has()
    {
        var report = Report(Offsets(Start, Partition(0, 1, 1), Partition(1, 1, 1), Partition(2, 1, 1)));
        var view = GroupAssignmentView.From(Live(("consumer-1", [0]), ("consumer-2", [2])), report);

        Assert.True(view.Live);
        Assert.Equal(["consumer-1", "consumer-2"], view.Instances.Select(instance => instance.Instance));
        Assert.Equal([1], view.Unassigned);
    }

    [Fact]
    public void Without_Redis_the_members_client_ids_tell_instance_and_worker()
    {
        var report = Report(Offsets(
            Start, Partition(0, 1, 1, "consumer-1/0"), Partition(1, 1, 1, "consumer-1/1"), Partition(2, 1, 1, "somebody"), Partition(3, 1, 1)));

        var view = GroupAssignmentView.From(s_away, report);

        Assert.False(view.Live);
        Assert.Equal(s_away.Reason, view.Reason);
        Assert.Equal(
            [("consumer-1", "0:0 1:1"), ("somebody", "0:2")],
            view.Instances.Select(instance => (instance.Instance, string.Join(' ', instance.Workers.Select(worker => $"{worker.Worker}:{string.Join(',', worker.Partitions)}")))));
        Assert.Equal([3], view.Unassigned);
    }

    [Fact]
    public void A_group_that_keeps_up_is_healthy()
    {
        var (status, reasons) = GroupHealthRules.Judge(Report(Offsets(Start, Partition(0, 1, 1, "consumer-1/0"))), null, Live(("consumer-1", [0])));
        Assert.Equal(GroupHealthRules.Healthy, status);
        Assert.Empty(reasons);
    }

    [Theory]
    [InlineData(2, new string[0])]
    [InlineData(1, new[] { "log-events has 2 partitions and Kafka:Partitions is 1: events go to the first 1 until the services start again with 2" })]
    public void More_partitions_than_the_setting_are_told_with_what_follows(int partitions, string[] said)
    {
        var report = Report(Offsets(Start, Partition(0, 1, 1, "consumer-1/0"), Partition(1, 1, 1, "consumer-1/0")));
        Assert.Equal(said, GroupHealthRules.Judge(report, null, Live(("consumer-1", [0, 1])), partitions).Reasons);
    }

    [Fact]
    public void Records_without_a_reader_are_unhealthy()
    {
        var (status, reasons) = GroupHealthRules.Judge(Report(Offsets(Start, Partition(0, 12_000, null))), null, Live());
        Assert.Equal(GroupHealthRules.Unhealthy, status);
        Assert.Equal(["no consumer is in the group", "no consumer is in the group and 12000 records wait"], reasons);
    }

    [Fact]
    public void Each_problem_of_the_group_degrades_its_health_and_is_named()
    {
        var view = s_away with { Instances = [GroupSamples.Instance] };
        var report = Report(Offsets(Start, Partition(0, 1, 1, "consumer-1/0", inSync: 2)));

        var (status, reasons) = GroupHealthRules.Judge(report, null, view);

        Assert.Equal(GroupHealthRules.Degraded, status);
        Assert.Equal(
            [
                "1 partitions have fewer replicas in sync than they should",
                "Redis does not answer: not connected",
                "consumer-1 does not reach logs: refused",
                "consumer-1 has 1 partitions paused: its buffer is full and the store is slower than the brokers",
            ],
            reasons);
    }

    [Fact]
    public void A_name_that_several_have_is_named_and_one_whose_namesake_is_gone_is_not()
    {
        var view = Live(("consumer-1", [0]), ("consumer-1#2", [1]), ("consumer-1#3", [2]), ("consumer-2#2", [3]));
        view = view with
        {
            Instances = [.. view.Instances.Select(instance => instance.Instance.Contains('#', StringComparison.Ordinal) ? instance with { SharedName = instance.Instance.Split('#')[0] } : instance)],
        };

        var (status, reasons) = GroupHealthRules.Judge(Report(Offsets(Start, Partition(0, 1, 1, "consumer-1/0"))), null, view);

        Assert.Equal(GroupHealthRules.Degraded, status);
        Assert.Equal(["3 consumers call themselves consumer-1: give each a Consumer:Instance of its own"], reasons);
    }

    [Fact]
    public void Brokers_that_do_not_answer_are_unhealthy() =>
        Assert.Equal((GroupHealthRules.Unhealthy, "away"), (GroupHealthRules.Judge(null, "away", Live()).Status, GroupHealthRules.Judge(null, "away", Live()).Reasons[0]));
}
